import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {PanelctlError} from '../../../src/lib/errors.js'
import {startSandbox} from '../../../src/lib/sandbox/start.js'
import {startKomari} from '../../emulated.js'

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
  const {nezha, komari, openidcs} = sandbox.panels
  expect(sandbox.environment).toEqual({
    NEZHA_DASHBOARD_URL: `http://127.0.0.1:${nezha.port}`,
    NEZHA_TOKEN: 'sandboxNezhaApiToken000000000001',
    NEZHA_PROBE_ADDRESS: '127.0.0.1',
    NEZHA_PROBE_PORT: String(nezha.probe.port),
    NEZHA_INSTALL_URL: `http://127.0.0.1:${nezha.installer.port}/install.sh`,
    KOMARI_URL: `http://127.0.0.1:${komari.port}`,
    KOMARI_API_KEY: 'sandboxKomariApiKey0000000000001',
    KOMARI_INSTALL_URL: `http://127.0.0.1:${komari.installer.port}/install.sh`,
    OPENIDCS_URL: `http://127.0.0.1:${openidcs.port}`,
    OPENIDCS_TOKEN: 'sandboxOpenidcsToken000000000001',
  })
  expect(nezha.state.servers.size).toBe(5)
  expect(komari.state.nodes.size).toBe(5)
  expect([...openidcs.state.hosts.keys()]).toEqual(['node1', 'node2', '机房 3'])
  await sandbox.close()
  await expect(fetch(nezha.url)).rejects.toThrow()
  await expect(fetch(komari.url)).rejects.toThrow()
  await expect(fetch(openidcs.url)).rejects.toThrow()
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
  expect(state).toMatchObject({cookieName: 'probe'})
  expect([state.servers.get(7)?.secret, state.servers.get(7)?.hidden]).toEqual(['s3cret', true])
  await sandbox.close()
})

test.each([
  ['v2', '', {NEZHA_TOKEN: 'nzp_mine'}],
  ['v1', ', profile: 1.4.0', {NEZHA_USERNAME: 'admin', NEZHA_PASSWORD: 'mine'}],
])('a seed file asks for Nezha %s', async (generation, more, credentials) => {
  const file = await seedFile(`nezha: {generation: ${generation}, pat: nzp_mine, password: mine${more}}`)
  const {panels, environment, close} = await startSandbox({seedFile: file})
  expect(environment).toMatchObject({NEZHA_DASHBOARD_URL: panels.nezha.url, ...credentials})
  expect(Object.keys(environment)).not.toContain(generation === 'v2' ? 'NEZHA_USERNAME' : 'NEZHA_TOKEN')
  expect((await fetch(`${panels.nezha.url}/api/v1/server/list`)).status).toBe(generation === 'v2' ? 404 : 200)
  await close()
})

test('a profile of another generation is refused', async () => {
  const file = await seedFile('nezha: {generation: v1, profile: 2.3.7}')
  await expect(startSandbox({seedFile: file})).rejects.toThrow(`${file}: nezha.profile is none of v1`)
})

test('a seed file makes a Komari of its own', async () => {
  const now = Date.UTC(2026, 0, 2)
  const file = await seedFile(`
komari:
  profile: '1.1'
  apiKey: a-key-of-my-own
  username: root
  settings: {sitename: Mine}
  nodes:
    - {name: web1, price: -1, expired_at: 2027-01-31T00:00:00Z, metrics: {cpu: {usage: 97.5}}}
    - {name: gone, state: offline, offlineMinutes: 5, hidden: true}
  tasks:
    - {name: only, interval: 60, loss: 1, nodes: [web1]}
`)
  const sandbox = await startSandbox({seedFile: file, now: () => now})
  const {url, state, username} = sandbox.panels.komari
  const get = async (path: string) =>
    ((await (await fetch(`${url}/api${path}`)).json()) as {data: never}).data
  const nodes: Array<{name: string; uuid: string}> = await get('/nodes')
  expect(nodes).toEqual([
    expect.objectContaining({name: 'web1', price: -1, expired_at: '2027-01-31T00:00:00Z'}),
  ])
  const reports: Array<{cpu: {usage: number}}> = await get(`/recent/${nodes[0]?.uuid}`)
  expect(reports.at(-1)?.cpu).toEqual({usage: 97.5})
  const {records} = await get(`/records/ping?uuid=${nodes[0]?.uuid}&hours=1`)
  expect(new Set((records as Array<{value: number}>).map(({value}) => value))).toEqual(new Set([-1]))
  expect([username, state.user.username, await get('/public')]).toMatchObject([
    'root',
    'root',
    {sitename: 'Mine'},
  ])
  await sandbox.close()
})

test('a seed file makes an OpenIDCS of its own', async () => {
  const file = await seedFile(`
openidcs:
  profile: newest
  token: mine
  session: s3ss10n
  slow: 1ms
  debug: false
  hosts:
    - name: node 1
      config: {system_path: /vms, server_addr: '192.0.2.1:1'}
      images: [only.vmdk]
      order: [web1, web10]
      vms:
        - name: web1
          ip: 10.0.0.5
          config: {cpu_num: 3}
          nat: [{external_port: 8080, internal_port: 80, description: web}]
          proxies: [{domain: a.example.com}]
        - {name: gone, state: missing}
        - {name: off, state: stopped, agent: false}
    - {name: lxc, type: LxContainer, enabled: false, reachable: false}
`)
  const sandbox = await startSandbox({seedFile: file, now: () => Date.UTC(2026, 0, 2)})
  const {url, state, token} = sandbox.panels.openidcs
  expect([token, sandbox.environment.OPENIDCS_TOKEN, state.slowMilliseconds]).toEqual(['mine', 'mine', 1])
  const get = async (path: string, headers: Record<string, string>) =>
    (await (await fetch(`${url}/api${path}`, {headers})).json()) as {data: Record<string, unknown>}
  const bearer = {Authorization: 'Bearer mine'}
  expect((await get('/client/detail/node%201', {Cookie: 'session=s3ss10n'})).data).toMatchObject({
    web1: {
      config: {
        cpu_num: 3,
        vm_flag: 'STARTED',
        nic_all: {ethernet0: {mac_addr: '10:f6:0a:00:00:05'}},
        nat_all: [{lan_port: 80, wan_port: 8080, nat_tips: 'web'}],
        web_all: [{web_addr: 'a.example.com', lan_port: 80}],
      },
    },
    gone: {config: {vm_flag: 'UNKNOWN'}},
    off: {config: {vm_flag: 'STOPPED'}, status: []},
  })
  expect((await get('/server/detail', bearer)).data).toMatchObject({
    lxc: {status: 'inactive', type: 'LxContainer'},
  })
  const machines = state.hypervisors.get('192.0.2.1:1')?.machines ?? []
  expect(machines.map(({path}) => path)).toEqual([
    '/vms/web1/web1.vmx',
    '/vms/web10/web10.vmx',
    '/vms/off/off.vmx',
  ])
  await sandbox.close()
})

test.each([
  ['openidcs: {profile: S3}', /openidcs\.profile must be one of seed, newest, c5ee1c9$/],
  ['openidcs: {slow: 2}', /openidcs\.slow must be of type string/],
  ['openidcs: {slow: soon}', /openidcs\.slow must look like/],
  ['openidcs: {hosts: [{name: a}, {name: a}]}', /openidcs\.hosts\[1\]\.name is taken already/],
  ['openidcs: {hosts: [{name: a, vms: [{name: x}, {name: x}]}]}', /vms\[1\]\.name is taken already/],
  ['openidcs: {hosts: [{name: a, vms: [{name: x, cpu: 1}]}]}', /vms\[0\]\.cpu is not known/],
  ['komari: {nodes: [{name: x, prise: 1}]}', /komari\.nodes\[0\]\.prise is not known/],
  ['komari: {profile: "2"}', /komari\.profile must be one of 1\.4, 1\.2\.5, 1\.1, 1\.0\.3/],
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

test("the second panel's port that is taken is named too", async () => {
  const komari = await startKomari()
  // The port before may be somebody's as well.
  await expect(startSandbox({port: komari.port - 1})).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringMatching(/^port \d+ on 127\.0\.0\.1 is taken$/),
  })
  await komari.close()
})
