import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {PanelctlError} from '../../../src/lib/errors.js'
import {startSandbox} from '../../../src/lib/sandbox/start.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'panelctl-test-'))
})
afterAll(() => rm(folder, {recursive: true}))

async function seedFile(text: string): Promise<string> {
  const file = join(folder, 'world.yaml')
  await writeFile(file, text)
  return file
}

test('without a seed there is the default world, and the environment to use it', async () => {
  const sandbox = await startSandbox()
  const {nezha} = sandbox.panels
  expect(sandbox.environment).toEqual({
    NEZHA_DASHBOARD_URL: `http://127.0.0.1:${nezha.port}`,
    NEZHA_TOKEN: 'sandboxNezhaApiToken000000000001',
    NEZHA_PROBE_ADDRESS: '127.0.0.1',
    NEZHA_PROBE_PORT: String(nezha.probe.port),
    NEZHA_INSTALL_URL: `http://127.0.0.1:${nezha.installer.port}/install.sh`,
  })
  expect(nezha.state.servers.size).toBe(5)
  await sandbox.close()
  await expect(fetch(nezha.url)).rejects.toThrow()
})

test('a seed file makes a world of its own', async () => {
  const now = Date.UTC(2026, 0, 2)
  const file = await seedFile(`
nezha:
  token: mine
  cookieName: probe
  servers:
    - {name: web1, id: 7, tag: A, hidden: true, secret: s3cret, status: {CPU: 97.5}, host: {Platform: plan9}}
    - {name: gone, state: offline, offlineMinutes: 5}
  monitors:
    - {name: only, loss: 1, skipServers: [gone]}
`)
  const sandbox = await startSandbox({seedFile: file, now: () => now})
  const {url, state} = sandbox.panels.nezha
  const get = async (path: string) => {
    const answer = await fetch(`${url}/api/v1${path}`, {headers: {Authorization: 'mine'}})
    return (await answer.json()) as {result: Array<{avg_delay: number[]}> | null}
  }
  expect(await get('/server/details?id=7,8')).toMatchObject({
    result: [
      {name: 'web1', last_active: now / 1000, host: {Platform: 'plan9'}, status: {CPU: 97.5}},
      {name: 'gone', last_active: now / 1000 - 300},
    ],
  })
  expect(await get('/monitor/8')).toMatchObject({result: null})
  expect(new Set((await get('/monitor/7')).result?.[0]?.avg_delay)).toEqual(new Set([0]))
  expect([state.cookieName, state.servers.get(7)?.secret, state.servers.get(7)?.hidden]).toEqual([
    'probe',
    's3cret',
    true,
  ])
  await sandbox.close()
})

test.each([
  ['nezha: {servers: [{nam: x}]}', /nezha\.servers\[0\]\.(name must be of type string|nam is not known)/],
  ['nezha: {servers: [{name: x, online: true}]}', /nezha\.servers\[0\]\.online is not known/],
  [
    'nezha: {servers: [{name: x, state: up}]}',
    /nezha\.servers\[0\]\.state must be one of online, offline, never/,
  ],
  ['nezha: {monitors: [{name: x, loss: 3}]}', /nezha\.monitors\[0\]\.loss must be at most 1/],
  ['nezha: {profile: v2}', /nezha\.profile must look like/],
  ['nezha: {token: ""}', /nezha\.token must not be empty/],
  ['nezha: {servers: [{name: x, id: 1}, {name: y, id: 1}]}', /nezha\.servers\[1\]\.id is taken already/],
  ['komaro: {}', /komaro is not known/],
  ['- 1', /the file must be of type object/],
  ['nezha: {servers: [}', /line 1/],
])('%s is refused with its place', async (text, message) => {
  const file = await seedFile(text)
  const error = await startSandbox({seedFile: file}).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(PanelctlError)
  expect(error).toMatchObject({code: 'USAGE', message: expect.stringMatching(message)})
  expect((error as Error).message).toMatch(file)
})

test('a missing seed file is named', async () => {
  await expect(startSandbox({seedFile: join(folder, 'none.yaml')})).rejects.toThrow(
    /there is no file .*none\.yaml/,
  )
})

test('a port that is taken is named', async () => {
  const sandbox = await startSandbox()
  const {port} = sandbox.panels.nezha
  await expect(startSandbox({port})).rejects.toMatchObject({
    code: 'USAGE',
    message: `port ${port} on 127.0.0.1 is taken`,
  })
  await sandbox.close()
})
