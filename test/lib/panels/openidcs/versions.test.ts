import {expect, test} from 'vitest'
import {PanelctlError} from '../../../../src/lib/errors.js'
import {type Client, createClient} from '../../../../src/lib/http/client.js'
import {unlessVersion, versionOf} from '../../../../src/lib/panels/openidcs/versions.js'
import type {OpenidcsOptions, OpenidcsSandbox} from '../../../emulated.js'
import {openidcsSandbox} from '../../../harness.js'
import {recordedPanel} from '../../../openidcs-recorded.js'
import {type Answer, replayServer} from '../../../replay-server.js'

async function connected(
  profile: NonNullable<OpenidcsOptions['profile']>,
): Promise<{client: Client; sandbox: OpenidcsSandbox}> {
  const sandbox = await openidcsSandbox({profile})
  return {client: clientOf(sandbox.url, sandbox.token), sandbox}
}

function clientOf(url: string, token: string): Client {
  const target = {
    url,
    credential: async () => ({kind: 'token', value: token}),
    caFile: undefined,
    insecure: false,
    acceptedRisks: {insecure: false, plainHttp: true},
  }
  return createClient(async () => target, {
    timeout: undefined,
    retries: 0,
    dryRun: false,
    userAgent: 'panelctl/test',
    signal: new AbortController().signal,
    warn: () => {},
  })
}

test.each(['c5ee1c9', 'newest'] as const)('%s is found by reads alone', async version => {
  const {client, sandbox} = await connected(version)
  expect(await versionOf(client)).toBe(version)
  expect(new Set(sandbox.requests.map(({method}) => method))).toEqual(new Set(['GET']))
})

test.each([
  ['7a36e7e', '7a36e7e'],
  ['v0.4', 'v04'],
  ['v0.5', 'v05'],
] as const)('%s is found by what it answered', async (recorded, version) => {
  const {url, requests} = await recordedPanel(recorded)
  expect(await versionOf(clientOf(url, 'good-token'))).toBe(version)
  expect(new Set(requests.map(({method}) => method))).toEqual(new Set(['GET']))
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

const page404: Answer = {status: 404, text: '<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>'}
const unauthorised: Answer = {json: {code: 401, msg: 'no', data: null}}
const failing: Answer = {status: 500, text: '<h1>boom</h1>'}

test.each<[string, Record<string, Answer>]>([
  ['fails', {'GET /api/token/current': failing}],
  ['is overloaded', {'GET /api/token/current': {status: 503, json: {code: 400, msg: 'no', data: null}}}],
  ['refuses the token', {'GET /api/token/current': unauthorised}],
  ['answers with another page', {'GET /api/token/current': {status: 404, text: '<h1>nginx</h1>'}}],
  ['fails at the tasks', {'GET /api/token/current': page404, 'GET /api/system/tasker': failing}],
  ['has no tasks', {'GET /api/token/current': page404, 'GET /api/system/tasker': page404}],
  [
    'gives tasks',
    {'GET /api/token/current': page404, 'GET /api/system/tasker': {json: {code: 200, msg: '', data: []}}},
  ],
  [
    'fails at what no version knows',
    {
      'GET /api/token/current': {json: {code: 200, msg: '', data: {token: 'x'}}},
      'GET /api/system/no-such-call': failing,
    },
  ],
])('a panel that %s is not an older one: what failed first stands', async (_, routes) => {
  const server = await replayServer()
  Object.assign(server.routes, routes)
  server.otherwise = unauthorised
  const client = clientOf(server.url, 'good-token')
  await expect(versionOf(client)).rejects.toBeInstanceOf(PanelctlError)
  const first = new PanelctlError('UNCERTAIN', 'it may have been done', {status: 500})
  await expect(unlessVersion(client, 'createOnVmware', () => Promise.reject(first))).rejects.toBe(first)
})
