import {expect, test} from 'vitest'
import {PanelctlError} from '../../../../src/lib/errors.js'
import {type Client, createClient} from '../../../../src/lib/http/client.js'
import {unlessVersion, versionOf} from '../../../../src/lib/panels/openidcs/versions.js'
import type {OpenidcsOptions, OpenidcsSandbox} from '../../../../src/lib/sandbox/openidcs/start.js'
import {openidcsSandbox} from '../../../harness.js'

async function connected(
  profile: NonNullable<OpenidcsOptions['profile']>,
): Promise<{client: Client; sandbox: OpenidcsSandbox}> {
  const sandbox = await openidcsSandbox({profile})
  const target = {
    url: sandbox.url,
    credential: async () => ({kind: 'token', value: sandbox.token}),
    caFile: null,
    insecure: false,
    acceptedRisks: {insecure: false, plainHttp: true},
  }
  const client = createClient(async () => target, {
    timeout: undefined,
    retries: 0,
    dryRun: false,
    userAgent: 'panelctl/test',
    signal: new AbortController().signal,
    warn: () => {},
  })
  return {client, sandbox}
}

test.each([
  ['c5ee1c9', 'c5ee1c9'],
  ['7a36e7e', '7a36e7e'],
  ['v0.4', 'v04'],
  ['v0.5', 'v05'],
  ['newest', 'newest'],
] as const)('%s is found by reads alone', async (profile, version) => {
  const {client, sandbox} = await connected(profile)
  expect(await versionOf(client)).toBe(version)
  expect(new Set(sandbox.requests.map(({method}) => method))).toEqual(new Set(['GET']))
})

const refused = new PanelctlError('REJECTED', 'no')

test('a failure is put into words of the version only where that is why', async () => {
  const {client} = await connected('c5ee1c9')
  const failing = (error: PanelctlError) => () => Promise.reject(error)
  await expect(unlessVersion(client, 'logs', failing(refused))).rejects.toMatchObject({
    code: 'REJECTED',
    message: 'this version of OpenIDCS, c5ee1c9 (8 December 2025), cannot tell its logs',
  })
  await expect(unlessVersion(client, 'scanOnVmware', failing(refused))).rejects.toBe(refused)
  const missing = new PanelctlError('NOT_FOUND', 'no')
  await expect(unlessVersion(client, 'logs', failing(missing))).rejects.toBe(missing)
})

test('nobody asks for the version where nothing fails, and what failed is said where it cannot be found', async () => {
  const {client, sandbox} = await connected('c5ee1c9')
  expect(await unlessVersion(client, 'logs', async () => [])).toEqual([])
  expect(sandbox.requests).toEqual([])
  sandbox.faults.next({kind: 'reset'})
  await expect(unlessVersion(client, 'logs', () => Promise.reject(refused))).rejects.toBe(refused)
})
