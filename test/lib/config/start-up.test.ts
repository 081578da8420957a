import {expect, it, vi} from 'vitest'
import {resolveConnection} from '../../../src/lib/config/connection/resolve.js'
import {readConfig} from '../../../src/lib/config/contexts/config-file.js'
import {temporaryFolder} from './temporary-folder.js'

const loaded = vi.hoisted(() => new Set<string>())
vi.mock('yaml', () => ({loaded: loaded.add('yaml')}))
vi.mock('zod/mini', () => ({loaded: loaded.add('zod')}))
vi.mock('proper-lockfile', () => ({loaded: loaded.add('proper-lockfile')}))
vi.mock('node:child_process', () => ({loaded: loaded.add('child_process')}))

it('a command that lives on its environment loads no YAML, lock or keychain, and needs no home folder', async () => {
  const connection = await resolveConnection({
    panel: {
      name: 'nezha',
      urlVariable: 'NEZHA_DASHBOARD_URL',
      credentialVariables: [{kind: 'token', variable: 'NEZHA_TOKEN'}],
    },
    flags: {},
    env: {NEZHA_DASHBOARD_URL: 'https://host', NEZHA_TOKEN: 'abc', PANELCTL_CA_FILE: '/ca.pem'},
    get configDir(): string {
      throw new Error('no home folder')
    },
  })
  expect(await connection.credential()).toMatchObject({value: 'abc'})
  expect(connection.caFile).toBe('/ca.pem')
  expect([...loaded]).toEqual([])
})

it('which this test would notice', async () => {
  await import('yaml')
  expect([...loaded]).toEqual(['yaml'])
  loaded.clear()
})

it('a person without contexts waits for no YAML', async () => {
  expect((await readConfig(temporaryFolder())).contexts.size).toBe(0)
  expect([...loaded]).toEqual([])
})
