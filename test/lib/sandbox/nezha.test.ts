import {afterEach, describe, expect, test} from 'vitest'
import {emptyHost, emptyStatus} from '../../../src/lib/sandbox/nezha/agent.js'
import {type NezhaOptions, type NezhaSandbox, startNezha} from '../../emulated.js'
import {rawRequest} from './raw-request.js'
import {seededRandom} from './seeded-random.js'

const start = Date.UTC(2026, 10, 21, 10, 0, 0)
let clock = start
const running: NezhaSandbox[] = []

async function nezha(options: NezhaOptions = {}): Promise<NezhaSandbox> {
  clock = start
  const dashboard = await startNezha({now: () => clock, random: seededRandom(7), ...options})
  running.push(dashboard)
  return dashboard
}

afterEach(async () => {
  await Promise.all(running.splice(0).map(dashboard => dashboard.close()))
})

async function ask(
  dashboard: NezhaSandbox,
  path: string,
  body?: string,
  headers: Record<string, string> = {},
) {
  const method = body === undefined ? 'GET' : 'POST'
  return rawRequest(dashboard.port, {
    method,
    path: `/api/v1${path}`,
    headers: {Authorization: dashboard.token, ...headers},
    body: body ?? null,
  })
}

async function result(dashboard: NezhaSandbox, path: string) {
  return JSON.parse((await ask(dashboard, path)).body).result
}

describe('the default world', () => {
  test('looks alive: online, hidden, offline and never reported servers', async () => {
    const dashboard = await nezha()
    const details = await result(dashboard, '/server/details')
    expect(new Set(details.map(({tag}: {tag: string}) => tag))).toEqual(
      new Set(['Production', '香港', 'Backup']),
    )
    const seen = Object.fromEntries(
      details.map((server: {name: string; last_active: number; hide_for_guest: boolean}) => [
        server.name,
        {ago: start / 1000 - server.last_active, hidden: server.hide_for_guest},
      ]),
    )
    expect(seen).toEqual({
      hub1: {ago: 0, hidden: false},
      db1: {ago: 0, hidden: true},
      香港节点: {ago: 0, hidden: false},
      backup1: {ago: 10_800, hidden: false},
      new1: {ago: start / 1000 + 62_135_596_800, hidden: false},
    })
  })

  test('moves with the clock, and counters only grow', async () => {
    const dashboard = await nezha()
    const [before] = await result(dashboard, '/server/details?id=1')
    const [again] = await result(dashboard, '/server/details?id=1')
    expect(again).toEqual(before)
    for (const seconds of [7, 60, 3600]) {
      clock = start + seconds * 1000
      const [after] = await result(dashboard, '/server/details?id=1')
      expect(after.last_active).toBe(before.last_active + seconds)
      expect(after.status.Uptime).toBe(before.status.Uptime + seconds)
      expect(after.status.CPU).not.toBe(before.status.CPU)
      expect(after.status.NetInTransfer).toBeGreaterThan(before.status.NetInTransfer)
      expect(after.status.NetOutTransfer).toBeGreaterThan(before.status.NetOutTransfer)
    }
    const [offline] = await result(dashboard, '/server/details?id=4')
    expect(offline.last_active).toBe(start / 1000 - 10_800)
  })

  test('is the same on every run at the same time', async () => {
    const [one, other] = [await nezha(), await nezha()]
    expect(await result(one, '/server/details?id=1,2,3,4')).toEqual(
      await result(other, '/server/details?id=1,2,3,4'),
    )
    expect(await result(one, '/monitor/1')).toEqual(await result(other, '/monitor/1'))
    const third = await nezha({seed: 2})
    expect(await result(one, '/server/details?id=1')).not.toEqual(await result(third, '/server/details?id=1'))
  })

  test('has a day of minutes for each ping monitor, with lost probes', async () => {
    const dashboard = await nezha()
    const monitors = await result(dashboard, '/monitor/1')
    expect(monitors.map(({monitor_name}: {monitor_name: string}) => monitor_name)).toEqual([
      'ping 1.1.1.1',
      'tcp db1:5432',
    ])
    for (const {created_at, avg_delay} of monitors) {
      expect(created_at).toHaveLength(1440)
      expect(created_at.every((at: number) => at % 60_000 === 0)).toBe(true)
      expect([...created_at].sort((a: number, b: number) => a - b)).toEqual(created_at)
      expect(avg_delay).toContain(0)
      expect(avg_delay.every((delay: number) => delay >= 0 && delay < 100)).toBe(true)
    }
    expect(await result(dashboard, '/monitor/5')).toBeNull()
    expect((await result(dashboard, '/monitor/4'))[0].created_at).toHaveLength(1260)
  })

  test('the Date header is the injected clock', async () => {
    const dashboard = await nezha()
    const {headers} = await ask(dashboard, '/server/list')
    expect(headers.date).toBe('Sat, 21 Nov 2026 10:00:00 GMT')
  })
})

test('an unfiltered answer comes in another order from call to call', async () => {
  const dashboard = await nezha()
  const orders = new Set<string>()
  for (let call = 0; call < 10; call++) {
    const servers = await result(dashboard, '/server/list')
    orders.add(servers.map(({id}: {id: number}) => id).join())
  }
  expect(orders.size).toBeGreaterThan(3)
})

describe('a registered server', () => {
  test('is there at once, and online one report after its agent connected', async () => {
    const dashboard = await nezha()
    const {secret} = JSON.parse((await ask(dashboard, '/server/register', '{"Name":"fresh"}')).body)
    expect(secret).toMatch(/^[0-9A-Za-z]{18}$/)
    const look = async () => (await result(dashboard, '/server/details?id=6'))[0]
    expect(await look()).toMatchObject({name: 'fresh', tag: 'AutoRegister', last_active: -62_135_596_800})
    expect(dashboard.state.report('wrong secret')).toBeUndefined()
    expect(dashboard.state.report(secret)).toMatchObject({id: 6})
    // Trap 38: host first, last_active later.
    expect(await look()).toMatchObject({
      last_active: -62_135_596_800,
      host: {Version: '0.20.5'},
      status: {Uptime: 0},
    })
    clock += 1000
    expect(await look()).toMatchObject({last_active: clock / 1000})
    dashboard.state.disconnect(6)
    const [frozen, then] = [await look(), clock / 1000]
    clock += 60_000
    expect(await look()).toEqual(frozen)
    expect(frozen.last_active).toBe(then)
    // Until the first report of a new connection the old values stay.
    dashboard.state.report(secret)
    expect(await look()).toEqual(frozen)
    clock += 1000
    expect(await look()).toMatchObject({last_active: clock / 1000})
  })

  test.each([
    ['{"Name":"a","Name":null}', 'a'],
    ['{"Name":"a","name":"b","NAME":"c"}', 'c'],
    ['{"Name":"\\ud800x"}', '\ufffdx'],
    ['  {"Note": {"Name":', 400],
    ['{"Note":{"Name":"x"}}', 400],
    ['{"Other":{"Name":"x"},"Name":"y"}', 'y'],
    ['{"Name":5,"Name":"x"}', 400],
    ['{"Name":"x",}', 400],
    ['\ufeff{}', 400],
  ])('%s', async (body, expected) => {
    const dashboard = await nezha({world: 'empty'})
    const {status} = await ask(dashboard, '/server/register', body)
    if (expected === 400) expect(status).toBe(400)
    else expect(dashboard.state.servers.get(1)?.name).toBe(expected)
  })
})

describe('what only some dashboards do', () => {
  test('an old one has no register and says its version in the page', async () => {
    const dashboard = await nezha({profile: 'old'})
    const {status, headers, body} = await ask(dashboard, '/server/register', '{}')
    expect(status).toBe(404)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(body.replaceAll(/<[^>]*>/g, '')).toContain('Powered by 哪吒监控 0.20.10')
    const redirect = await ask(dashboard, '/server/register/', '{}')
    expect(redirect.status).toBe(404)
  })

  test.each([
    ['0.19.19', ['display_index', 'host.GPU', 'status.GPU', 'status.Temperatures']],
    ['0.18.2', ['host.GPU', 'status.GPU', 'status.Temperatures']],
    ['0.17.1', ['status.Temperatures']],
    ['0.16.26', []],
  ] as const)('%s lacks the fields of later ones', async (profile, present) => {
    const dashboard = await nezha({profile})
    const [server] = await result(dashboard, '/server/details?id=1')
    const fields = ['display_index', 'hide_for_guest', 'host.GPU', 'status.GPU', 'status.Temperatures']
    const found = fields.filter(field => {
      const [outer = '', inner] = field.split('.')
      return inner === undefined ? outer in server : inner in server[outer]
    })
    expect(found).toEqual(present)
  })

  test('before 0.16.6 hidden servers are open to guests on monitor, before 0.16.0 there is none', async () => {
    const guest = {path: '/api/v1/monitor/2'}
    expect((await rawRequest((await nezha({profile: '0.16.5'})).port, guest)).status).toBe(200)
    expect((await rawRequest((await nezha({profile: '0.16.6'})).port, guest)).status).toBe(403)
    expect((await rawRequest((await nezha({profile: '0.15.14'})).port, guest)).status).toBe(404)
  })

  test('a view password closes monitor to guests, and its cookie opens hidden servers', async () => {
    const dashboard = await nezha({viewPassword: 'open sesame', cookieName: 'probe'})
    const path = '/api/v1/monitor/2'
    const closed = await rawRequest(dashboard.port, {path})
    expect(closed).toMatchObject({status: 200, body: '{"code":403,"message":"访问受限"}'})
    const Cookie = `probe-vp=${encodeURIComponent(dashboard.state.viewPasswordCookie() ?? '')}`
    expect((await rawRequest(dashboard.port, {path, headers: {Cookie}})).body).toContain('"monitor_id":1')
    const login = {Cookie: `probe=${dashboard.cookie}`}
    expect((await rawRequest(dashboard.port, {path, headers: login})).body).toContain('"monitor_id":1')
  })

  test('one agent with NaN empties the answers it is in', async () => {
    const dashboard = await nezha()
    const status = {...emptyStatus, Load5: Number.NaN}
    dashboard.state.update(1, {
      agent: {kind: 'frozen', host: emptyHost, status, lastActive: 5, ipv4: '', ipv6: ''},
    })
    const {status: code, headers, body} = await ask(dashboard, '/server/details')
    expect([code, headers['content-type'], headers['content-length'], body]).toEqual([
      200,
      'application/json; charset=utf-8',
      '0',
      '',
    ])
    expect(await result(dashboard, '/server/details?id=2')).toHaveLength(1)
    expect(await result(dashboard, '/server/list')).toHaveLength(5)
  })

  test('counters beyond 2^53 keep every digit', async () => {
    const dashboard = await nezha()
    const status = {...emptyStatus, NetInSpeed: 18_446_744_073_709_551_615n}
    dashboard.state.update(1, {
      agent: {kind: 'frozen', host: emptyHost, status, lastActive: 5, ipv4: '', ipv6: ''},
    })
    expect((await ask(dashboard, '/server/details?id=1')).body).toContain(
      '"NetInSpeed":18446744073709551615,',
    )
  })

  test('a deadlocked one answers monitor and refusals only, and has written the server', async () => {
    const dashboard = await nezha()
    dashboard.state.wedged = true
    const answers: string[] = []
    const hanging = ['/server/list', '/server/details', '/server/register'].map(path =>
      ask(dashboard, path, path.endsWith('register') ? '{"Name":"late"}' : undefined).then(({body}) =>
        answers.push(body),
      ),
    )
    expect((await ask(dashboard, '/server/list', undefined, {Authorization: 'wrong'})).body).toContain(
      '"code":403',
    )
    expect((await ask(dashboard, '/monitor/1')).status).toBe(200)
    while (dashboard.requests.length < 5) await ask(dashboard, '/monitor/1')
    expect(answers).toEqual([])
    expect([...dashboard.state.servers.values()].at(-1)?.name).toBe('late')
    await dashboard.close()
    await Promise.allSettled(hanging)
    // Cut off without a byte.
    expect(answers.every(answer => answer === '')).toBe(true)
  })
})

test('ten thousand servers in one answer', async () => {
  const dashboard = await nezha({generate: 10_000})
  const {body, headers} = await ask(dashboard, '/server/details')
  expect(headers['transfer-encoding']).toBe('chunked')
  const servers = JSON.parse(body).result
  expect(servers).toHaveLength(10_000)
  expect(servers.every((server: {host: {MemTotal: number}}) => server.host.MemTotal > 0)).toBe(true)
  expect(new Set(servers.map(({name}: {name: string}) => name)).size).toBe(10_000)
})

test('requests are logged as they arrived', async () => {
  const dashboard = await nezha()
  await ask(dashboard, '/server/register?simple=1', '{"Name":"节点"}', {'X-Forwarded-For': '198.51.100.9'})
  expect(dashboard.requests).toMatchObject([
    {
      method: 'POST',
      path: '/api/v1/server/register?simple=1',
      body: '{"Name":"节点"}',
      headers: {authorization: dashboard.token, 'x-forwarded-for': '198.51.100.9'},
    },
  ])
})
