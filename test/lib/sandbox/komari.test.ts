import {connect} from 'node:net'
import {afterEach, describe, expect, test} from 'vitest'
import {WebSocket} from 'ws'
import {totp} from '../../../src/lib/sandbox/komari/totp.js'
import {type KomariOptions, type KomariSandbox, startKomari} from '../../emulated.js'
import type {SocketFault} from '../../socket-faults.js'
import {rawRequest} from './raw-request.js'
import {seededRandom} from './seeded-random.js'

const start = Date.UTC(2026, 10, 21, 10, 0, 0)
let clock = start
const running: KomariSandbox[] = []
const web1 = '3f1c7f0e-5a52-4c8e-9d06-6f3f4f1b8a01'
const db1 = '7b0d8c5e-1e0b-4f39-8a35-0f8f6a2c9b02'
const gpuNode = 'c4e2a9d7-93a8-4a0d-b1c6-2d7be05f3c03'
const backup1 = 'e95d1b36-0c7f-4d3b-92f4-8a1e6c0d7d04'
const new1 = 'f2a64c18-6d9e-4b57-a0e3-b5c9d8170e05'

async function komari(options: KomariOptions = {}): Promise<KomariSandbox> {
  clock = start
  const panel = await startKomari({now: () => clock, random: seededRandom(7), ...options})
  running.push(panel)
  return panel
}

afterEach(async () => {
  await Promise.all(running.splice(0).map(panel => panel.close()))
})

type As = 'guest' | 'key' | 'session'

function headersOf(panel: KomariSandbox, as: As): Record<string, string> {
  if (as === 'guest') return {}
  return as === 'key' ? {Authorization: `Bearer ${panel.apiKey}`} : {Cookie: `session_token=${panel.session}`}
}

async function ask(panel: KomariSandbox, path: string, as: As = 'key', body?: string) {
  const method = body === undefined ? 'GET' : 'POST'
  return rawRequest(panel.port, {method, path, headers: headersOf(panel, as), body: body ?? null})
}

async function data(panel: KomariSandbox, path: string, as: As = 'key') {
  return JSON.parse((await ask(panel, path, as)).body).data
}

async function rpc(panel: KomariSandbox, method: string, params?: unknown, as: As = 'key') {
  const body = JSON.stringify({jsonrpc: '2.0', method, params, id: 1})
  return JSON.parse((await ask(panel, '/api/rpc2', as, body)).body)
}

/** A client on a WebSocket; what comes waits to be asked for. */
async function feed(panel: KomariSandbox, headers: Record<string, string> = {}) {
  const socket = new WebSocket(panel.url.replace('http', 'ws').concat('/api/clients'), {
    headers: {Origin: panel.url, ...headers},
  })
  socket.on('error', () => {})
  const closed = new Promise<number>(resolve => socket.once('close', resolve))
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  const next = () =>
    new Promise<string>((resolve, reject) => {
      socket.once('message', message => resolve(message.toString()))
      socket.once('error', reject)
    })
  const get = async (text = 'get') => {
    const answer = next()
    socket.send(text)
    return JSON.parse(await answer).data
  }
  return {socket, closed, next, get}
}

const names = (nodes: Array<{name: string}>) => nodes.map(({name}) => name).sort()

describe('the default world', () => {
  test('hides a node from guests, and looks alive', async () => {
    const panel = await komari()
    expect(names(await data(panel, '/api/nodes', 'guest'))).toEqual(['backup1', 'new1', 'web1', '香港节点'])
    expect(names(await data(panel, '/api/nodes'))).toEqual(['backup1', 'db1', 'new1', 'web1', '香港节点'])
    const {get} = await feed(panel, headersOf(panel, 'session'))
    const {online, data: reports} = await get()
    expect(online.sort()).toEqual([web1, db1, gpuNode].sort())
    expect(Object.keys(reports).sort()).toEqual([web1, db1, gpuNode, backup1].sort())
    expect(reports[gpuNode].gpu.detailed_info).toHaveLength(2)
    expect(reports[web1]).not.toHaveProperty('uuid')
  })

  test('moves with the clock, and counters only grow', async () => {
    const panel = await komari()
    const {get} = await feed(panel)
    const before = (await get(`get ${web1}`)).data[web1]
    expect((await get(`get ${web1}`)).data[web1]).toEqual(before)
    for (const seconds of [9, 60, 3600]) {
      clock = start + seconds * 1000
      const after = (await get(`get ${web1}`)).data[web1]
      expect(Date.parse(after.updated_at)).toBe(Date.parse(before.updated_at) + seconds * 1000)
      expect(after.uptime).toBe(before.uptime + seconds)
      expect(after.cpu.usage).not.toBe(before.cpu.usage)
      expect(after.network.totalUp).toBeGreaterThan(before.network.totalUp)
    }
  })

  test('has history in buckets: fewer and coarser ones for more hours', async () => {
    const panel = await komari()
    const points = async (path: string) => (await data(panel, `/api/records/${path}`)).records
    const counts = async (kind: string) => {
      const seen = []
      for (const hours of [1, 4, 9, 10, 24, 49, 50, 720]) {
        seen.push(
          (await points(`${kind}?uuid=${web1}&hours=${hours}${kind === 'ping' ? '&task_id=1' : ''}`)).length,
        )
      }
      return seen
    }
    // Retention is a day; the last bucket has just begun (contracts/komari.md 4).
    expect(await counts('load')).toEqual([61, 241, 541, 121, 289, 289, 25, 2])
    const pings = await counts('ping')
    expect(pings[1]).toBeGreaterThanOrEqual(239)
    expect(pings[6]).toBeLessThanOrEqual(26)
    const records = await points(`load?uuid=${web1}`)
    expect(records[0]).toMatchObject({client: web1, ram_total: 0, disk_total: 0, temp: 0})
    expect(records.map(({time}: {time: string}) => time)).toEqual(
      records.map(({time}: {time: string}) => time).toSorted(),
    )
    expect(records.every(({traffic_up}: {traffic_up: number}) => traffic_up >= 0)).toBe(true)
  })

  test('has pings with loss, newest first, and the figures of their tasks', async () => {
    const panel = await komari()
    const {count, records, tasks, basic_info} = await data(panel, `/api/records/ping?uuid=${web1}&hours=4`)
    expect(count).toBe(records.length)
    expect(basic_info[0].client).toBe(web1)
    const times = records.map(({time}: {time: string}) => time)
    expect(times).toEqual(times.toSorted().reverse())
    expect(tasks.map(({name}: {name: string}) => name)).toEqual(['ping 1.1.1.1', '上海电信', 'unreachable'])
    expect(tasks[2]).toMatchObject({loss: 100, min: 0, max: 0, avg: 0})
    for (const {id, loss, total} of tasks) {
      const values = records.filter(({task_id}: {task_id: number}) => task_id === id)
      const lost = values.filter(({value}: {value: number}) => value === -1)
      expect([total, loss]).toEqual([values.length, (lost.length / values.length) * 100])
    }
  })

  test('keeps the last report of a node that went, for 35 seconds as online', async () => {
    const panel = await komari()
    const {get} = await feed(panel)
    panel.state.disconnect(web1)
    clock += 34_000
    expect((await get(`get ${web1}`)).online).toEqual([web1])
    clock += 2000
    expect((await get(`get ${web1}`)).online).toEqual([])
    expect(Object.keys((await get(`get ${web1}`)).data)).toEqual([web1])
    expect(await data(panel, `/api/recent/${new1}`)).toEqual([])
  })
})

describe('callers', () => {
  test('who log in need the code of their authenticator as a string', async () => {
    const secret = 'JBSWY3DPEHPK3PXP'
    const panel = await komari({totpSecret: secret})
    const {username, password} = panel
    const attempt = (code?: unknown) =>
      ask(panel, '/api/login', 'guest', JSON.stringify({username, password, '2fa_code': code}))
    expect(JSON.parse((await attempt()).body).message).toBe('2FA code is required')
    expect((await attempt('12345')).status).toBe(401)
    expect((await attempt(123456)).status).toBe(400)
    const {status, headers} = await attempt(totp(secret, start))
    expect(status).toBe(200)
    expect(headers['set-cookie']).toMatch(
      /^session_token=\w{32}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/,
    )
  })

  test('with a session are known until it expires or they log out', async () => {
    const panel = await komari()
    const me = async () => JSON.parse((await ask(panel, '/api/me', 'session')).body)
    expect(await me()).toMatchObject({logged_in: true, username: 'admin'})
    clock += 31 * 86_400_000
    expect(await me()).toEqual({logged_in: false, username: 'Guest'})
    panel.state.addSession(panel.session)
    expect((await ask(panel, '/api/logout', 'session')).status).toBe(302)
    expect(await me()).toEqual({logged_in: false, username: 'Guest'})
  })

  test('with a key of less than 12 characters are guests', async () => {
    const panel = await komari({apiKey: 'short'})
    expect((await ask(panel, '/api/admin/client/list')).status).toBe(401)
  })
})

describe('modes', () => {
  test.each([
    ['install', 'Not found in install mode', '/install'],
    ['migration', 'Not found in database migration mode', '/admin/database-migration'],
    ['recovery', 'Not found in database recovery mode', '/admin/database-recovery'],
  ] as const)('%s answers everything but its own', async (mode, message, location) => {
    const panel = await komari({mode})
    const {status, body} = await ask(panel, '/api/nodes')
    expect([status, JSON.parse(body)]).toEqual([404, {status: 'error', message}])
    expect((await ask(panel, '/ping')).headers.location).toBe(location)
    expect((await ask(panel, '/api/me')).status).toBe(mode === 'install' ? 404 : 200)
    panel.state.mode = 'normal'
    expect((await ask(panel, '/api/nodes')).status).toBe(200)
  })

  test('a private site is closed to guests, WebSockets included', async () => {
    const panel = await komari({privateSite: true})
    expect((await ask(panel, '/api/nodes', 'guest')).status).toBe(401)
    expect((await ask(panel, '/api/nodes', 'session')).status).toBe(200)
    await expect(feed(panel)).rejects.toThrow('401')
    expect((await data(panel, '/api/public', 'guest')).private_site).toBe(true)
  })
})

describe('older panels', () => {
  test('1.2.5-fix1 gives an array of nodes, raw pings and null records', async () => {
    const panel = await komari({profile: '1.2.5'})
    expect(Array.isArray((await rpc(panel, 'common:getNodes')).result)).toBe(true)
    expect(await data(panel, `/api/records/load?uuid=${new1}`)).toEqual({
      count: 0,
      has_gpu_data: false,
      records: null,
    })
    const {records} = await data(panel, `/api/records/ping?uuid=${web1}&hours=1&task_id=2`)
    expect(records).toHaveLength(120)
    expect((await rpc(panel, 'admin:listClients', {}, 'guest')).error.code).toBe(-32041)
  })

  test('1.1.8 has an offset in its times, totals in history, and no data key', async () => {
    const panel = await komari({profile: '1.1', utcOffsetMinutes: 480})
    const [node] = await data(panel, '/api/nodes')
    expect(node.created_at).toMatch(/^2026-11-20T15:00:00\+08:00$/)
    const {records} = await data(panel, `/api/records/load?uuid=${web1}&hours=6`)
    expect(records[0].ram_total).toBeGreaterThan(0)
    expect(records[0]).not.toHaveProperty('traffic_up')
    // A row a minute for four hours, then one a quarter, which stands behind.
    expect(records).toHaveLength(240 + 8)
    expect(records.at(-1).time < records[0].time).toBe(true)
    expect(JSON.parse((await ask(panel, `/api/recent/${new1}`)).body)).toEqual({
      status: 'success',
      message: '',
    })
    expect(
      (await ask(panel, '/api/rpc2', 'key', '{"jsonrpc":"2.0","method":"common:getMe","id":1}')).status,
    ).toBe(500)
    expect(names(await data(panel, '/api/nodes', 'key'))).not.toContain('db1')
    expect(names(await data(panel, '/api/nodes', 'session'))).toContain('db1')
  })

  test('1.0.3 knows no key, no RPC2, no hidden nodes and no Origin', async () => {
    const panel = await komari({profile: '1.0.3'})
    expect(panel.environment).toEqual({
      KOMARI_URL: panel.url,
      KOMARI_SESSION_TOKEN: panel.session,
      KOMARI_INSTALL_URL: `${panel.installer.url}/install.sh`,
    })
    expect((await ask(panel, '/api/admin/client/list')).status).toBe(401)
    expect((await ask(panel, '/api/admin/client/list', 'session')).status).toBe(200)
    expect((await ask(panel, '/api/rpc2', 'key', '{}')).status).toBe(404)
    const nodes = await data(panel, '/api/nodes', 'guest')
    expect(names(nodes)).toContain('db1')
    expect(nodes[0]).not.toHaveProperty('hidden')
    const socket = new WebSocket(panel.url.replace('http', 'ws').concat('/api/clients'))
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    const {records, tasks} = await data(panel, `/api/records/ping?uuid=${web1}&hours=1`)
    expect(Object.keys(records[0])).toEqual(['task_id', 'time', 'value'])
    expect(Object.keys(tasks[0])).toEqual(['id', 'name', 'interval', 'loss'])
    expect((await ask(panel, `/api/records/ping?uuid=${web1}&hours=x`)).status).toBe(400)
  })

  test('a million raw records come in one answer of 100 MB', async () => {
    const panel = await komari({profile: '1.1'})
    const probe = (index: number) => ({
      task_id: (index % 3) + 1,
      at: start - index * 2500,
      value: 8,
      client: web1,
    })
    panel.state.pings.set(
      web1,
      Array.from({length: 1_000_000}, (_, index) => probe(index)),
    )
    const answer = await fetch(`${panel.url}/api/records/ping?uuid=${web1}&hours=720`)
    const text = Buffer.from(await answer.arrayBuffer())
    expect(text.length).toBeGreaterThan(100e6)
    const {data: json} = JSON.parse(text.toString())
    expect([json.count, json.records.length]).toEqual([1_000_000, 1_000_000])
    expect(json.tasks).toHaveLength(3)
    expect(json.records.at(-1).time < json.records[0].time).toBe(true)
  }, 60_000)
})

describe('what goes wrong', () => {
  test('a restart ends sockets without a Close frame and comes back on the port', async () => {
    const panel = await komari()
    const {closed, get} = await feed(panel)
    await get()
    expect(panel.sockets.size).toBe(1)
    await panel.restart(async () => {
      await expect(fetch(panel.url)).rejects.toThrow()
      expect(await closed).toBe(1006)
    })
    const again = await feed(panel)
    expect(await again.get()).toEqual({online: [], data: {}})
    clock += 3000
    expect((await again.get()).online).toHaveLength(2)
    expect(await data(panel, '/api/nodes')).toHaveLength(5)
  })

  test.each<[SocketFault, number]>([
    [{kind: 'drop'}, 1006],
    [{kind: 'reset'}, 1006],
    [{kind: 'bad-frame'}, 1006],
    [{kind: 'close', code: 1001}, 1001],
  ])('a socket can end by %o', async (fault, code) => {
    const panel = await komari()
    const {socket, closed, get} = await feed(panel)
    panel.socketFaults.next(fault, {after: 1})
    expect((await get()).online).toHaveLength(2)
    socket.send('get')
    expect(await closed).toBe(code)
    expect(panel.sockets.frames.map(({text}) => text)).toEqual(['get', 'get'])
  })

  test('a frame can stay without an answer, and a peer without a pong', async () => {
    const panel = await komari()
    const {socket, get} = await feed(panel)
    panel.socketFaults.next({kind: 'silent'})
    socket.send('get')
    expect((await get(`get ${web1}`)).online).toEqual([web1])
    const pong = new Promise(resolve => socket.once('pong', payload => resolve(payload.toString())))
    socket.ping('are you there')
    expect(await pong).toBe('are you there')
    expect(panel.socketFaults.pings).toBe(1)
  })

  test('a peer can be gone while its socket is open: neither answers nor pongs', async () => {
    const panel = await komari()
    const {socket, closed, get} = await feed(panel)
    const heard: string[] = []
    panel.socketFaults.next({kind: 'mute'}, {after: 1})
    await get()
    socket.on('message', data => heard.push(data.toString()))
    socket.on('pong', () => heard.push('pong'))
    for (const question of ['get', 'get']) socket.send(question)
    socket.ping()
    // What would have been answered comes before the end of the conversation.
    socket.close(1000)
    expect(await closed).toBe(1000)
    expect(heard).toEqual([])
    expect(panel.sockets.frames.length).toBe(3)
    expect(panel.socketFaults.pings).toBe(1)
  })

  test('an answer can stop in the middle of its frame', async () => {
    const panel = await komari()
    panel.socketFaults.next({kind: 'half-frame'})
    const socket = connect(panel.port, '127.0.0.1')
    const lines = [
      'GET /api/clients HTTP/1.1',
      `Host: 127.0.0.1:${panel.port}`,
      `Origin: ${panel.url}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: aGFsZi1hLWZyYW1lLWhhbA==',
      '',
      '',
    ]
    // A text frame of three bytes under a mask of zeros.
    const question = Buffer.from([0x81, 0x83, 0, 0, 0, 0, ...Buffer.from('get')])
    socket.write(Buffer.concat([Buffer.from(lines.join('\r\n')), question]))
    let wire = Buffer.alloc(0)
    for await (const chunk of socket) {
      wire = Buffer.concat([wire, chunk])
      const frame = wire.subarray(wire.indexOf('\r\n\r\n') + 4)
      if (frame.length < 4) continue
      expect([...frame.subarray(0, 2)]).toEqual([0x81, 126])
      const half = Math.floor(frame.readUInt16BE(2) / 2)
      expect(frame.length - 4).toBeLessThanOrEqual(half)
      // All that ever comes.
      if (frame.length - 4 === half) panel.sockets.drop()
    }
    expect(wire.toString('latin1')).toContain('{"data":{"')
  })

  test('an answer can be no JSON, or of another shape', async () => {
    const panel = await komari()
    const {socket, next} = await feed(panel)
    for (const kind of ['bad-json', 'wrong-types'] as const) {
      panel.socketFaults.next({kind})
      const answer = next()
      socket.send('get')
      expect(await answer).toMatch(kind === 'bad-json' ? /\[$/ : /"status":7/)
    }
  })

  test('an upgrade can meet the faults of every request', async () => {
    const panel = await komari()
    panel.faults.next({kind: 'status', status: 502})
    await expect(feed(panel)).rejects.toThrow('502')
    panel.faults.next({kind: 'reset'})
    await expect(feed(panel)).rejects.toThrow()
    expect(panel.requests.map(({path}) => path)).toEqual(['/api/clients', '/api/clients'])
    expect((await (await feed(panel)).get()).online).toHaveLength(2)
  })
})

/** What no recording has was asked of 1.4.3. */
describe('an administrator', () => {
  const edit = (panel: KomariSandbox, changes: object) =>
    rpc(panel, 'admin:editClient', {uuid: web1, ...changes})
  const node = async (panel: KomariSandbox) => (await rpc(panel, 'admin:getClient', {uuid: web1})).result
  const logs = async (panel: KomariSandbox, limit: string, msg_type?: string) =>
    (await rpc(panel, 'admin:getLogs', {limit, msg_type})).result.logs.map(
      ({message, msg_type}: {message: string; msg_type: string}) => `${msg_type} ${message}`,
    )

  test.each([
    [
      {weight: '5', price: '5.5', traffic_limit: '7'},
      {weight: 5, price: 5.5, traffic_limit: 7},
    ],
    [
      {weight: null, hidden: 1, group: 1.5, remark: true},
      {weight: 0, hidden: true, group: '1.5', remark: '1'},
    ],
    [
      {hidden: 'true', tags: ['a']},
      {hidden: true, tags: 'a'},
    ],
  ])('who sends values of another type sees what SQLite makes of them: %j', async (sent, stored) => {
    const panel = await komari()
    expect(await edit(panel, sent)).toEqual({jsonrpc: '2.0', id: 1})
    expect(await node(panel)).toMatchObject(stored)
  })

  test.each([
    [{weight: 'heavy'}, 'string ("heavy") to a int: invalid syntax'],
    [{weight: 1.5}, 'float64 ("1.5") to a int: invalid syntax'],
    [{traffic_limit: 'x'}, 'string ("x") to a int64: invalid syntax'],
    [{price: 'x'}, 'string ("x") to a float64: invalid syntax'],
    [{hidden: 'yes'}, 'couldn\'t convert "yes" into type bool'],
  ])('breaks the list of nodes for everybody with %j, until a good value is there', async (bad, words) => {
    const panel = await komari()
    expect((await edit(panel, bad)).error).toBeUndefined()
    const broken = await ask(panel, '/api/nodes', 'guest')
    expect([broken.status, JSON.parse(broken.body).message]).toEqual([500, expect.stringContaining(words)])
    await edit(panel, Object.fromEntries(Object.keys(bad).map(name => [name, null])))
    expect((await ask(panel, '/api/nodes', 'guest')).status).toBe(200)
  })

  test('who takes the token of a node away does not make guests agents', async () => {
    const panel = await komari()
    await edit(panel, {token: ''})
    expect((await rpc(panel, 'common:getMe', undefined, 'guest')).result.logged_in).toBe(false)
  })

  test('finds each change in the log, by whom it was', async () => {
    const panel = await komari()
    await rpc(panel, 'admin:editSettings', {sitename: 'Lab', theme: 'default'})
    await rpc(panel, 'admin:orderClients', {[web1]: 3}, 'session')
    await rpc(panel, 'admin:removeClient', {uuid: 'nope'})
    expect(await logs(panel, '3')).toEqual([
      'warn delete client:nope',
      'info order clients',
      'info update settings: sitename, theme',
    ])
    const {logs: lines} = (await rpc(panel, 'admin:getLogs', {limit: '2'})).result
    expect(lines[1].uuid).toBe(panel.state.user.uuid)
    expect(lines[0].uuid).toBe('')
    expect(await logs(panel, '9', 'warn')).toEqual(['warn delete client:nope'])
    // The route reads no type (trap 56).
    expect((await data(panel, '/api/admin/logs?msg_type=warn')).total).toBe(3)
  })

  test('changes the fields of a load rule that are given, and zeroes those of a ping task that are not', async () => {
    const panel = await komari()
    const rule = {name: 'r', clients: [web1], metric: 'nope', threshold: 80, ratio: 0.8, interval: 15}
    const {task_id: id} = (await rpc(panel, 'admin:addLoadNotification', rule)).result
    await rpc(panel, 'admin:editLoadNotification', {notifications: [{id, name: 'q', ratio: 7}]})
    const rules = (await rpc(panel, 'admin:getAllLoadNotifications')).result
    expect(rules).toEqual([{id, ...rule, name: 'q', ratio: 7, last_notified: null}])
    await rpc(panel, 'admin:editPingTask', {tasks: [{id: 1, name: 'q', weight: 9}]})
    const [task] = (await rpc(panel, 'admin:getAllPingTasks')).result
    expect(task).toMatchObject({id: 1, weight: 1, name: 'q', target: '', interval: 0, clients: []})
  })

  test('has test messages succeed while nothing is sent, and fail for the sender that is chosen', async () => {
    const panel = await komari()
    const send = async () => (await rpc(panel, 'admin:testSendMessage')).error?.message
    expect(await send()).toMatch(/^Failed to send message: you are using an empty message sender/)
    await rpc(panel, 'admin:setMessageSenderProvider', {name: 'webhook', addition: '{"url":"http://a/"}'})
    expect(await send()).toBeDefined()
    await rpc(panel, 'admin:editSettings', {notification_method: 'webhook'})
    expect(await send()).toBeUndefined()
    expect(await logs(panel, '1')).toEqual(['info Event message sent: Test'])
    panel.state.senderFailure = 'refused'
    expect(await send()).toBe('Failed to send message: refused')
    await rpc(panel, 'admin:editSettings', {notification_enabled: false})
    expect(await send()).toBeUndefined()
    expect(await logs(panel, '1')).toEqual(['info update settings: notification_enabled'])
    await rpc(panel, 'admin:editSettings', {notification_enabled: 'yes'})
    expect(await ask(panel, '/api/admin/test/sendMessage', 'key', '{}')).toMatchObject({
      status: 500,
      body: '',
    })
  })

  test('loses the history of a metric by leaving its days out, and for good', async () => {
    const panel = await komari()
    const last = async () => (await data(panel, `/api/records/load?uuid=${web1}&hours=1`)).records.at(-1)
    const keep = (params: unknown) => rpc(panel, 'admin:updateMetricDefinition', params)
    expect((await last()).cpu).toBeGreaterThan(0)
    expect((await keep({name: 'cpu.usage'})).result).toMatchObject({retention_days: 0, unit: '%'})
    await keep(['cpu.usage', 30])
    const [site, {cpu, ram}] = [await data(panel, '/api/public', 'guest'), await last()]
    expect([site.record_enabled, site.record_preserve_time, cpu, ram > 0]).toEqual([true, 720, 0, true])
    clock += 120_000
    expect((await last()).cpu).toBeGreaterThan(0)
    await keep({name: 'ping.latency_ms'})
    expect((await data(panel, '/api/public', 'guest')).record_enabled).toBe(false)
    expect((await data(panel, `/api/records/ping?uuid=${web1}&hours=1`)).count).toBe(0)
  })

  test.each([
    ['1.4', 'clear', [0, 239]],
    ['1.4', 'clear/all', [0, 0]],
    ['1.1', 'clear/all', [0, 0]],
  ] as const)('of %s deletes the records with %s', async (profile, route, [load, pings]) => {
    const panel = await komari({profile})
    await ask(panel, `/api/admin/record/${route}`, 'session', '')
    expect((await data(panel, `/api/records/load?uuid=${web1}&hours=4`)).count).toBe(load)
    const {count} = await data(panel, `/api/records/ping?uuid=${web1}&hours=4`)
    expect(count).toBeGreaterThanOrEqual(pings)
    if (pings === 0) expect(count).toBe(0)
  })

  test('has on an older panel what that has', async () => {
    const older = await komari({profile: '1.2.5'})
    const missing = ['admin:updateMetricDefinition', 'admin:sendNotification', 'public:listMetricDefinitions']
    for (const method of missing) expect((await rpc(older, method)).error.code).toBe(-32601)
    expect((await rpc(older, 'admin:listOfflineNotifications')).result).toHaveLength(4)
    const oldest = await komari({profile: '1.1'})
    expect(await data(oldest, '/api/admin/notification/offline')).toHaveLength(4)
    const reports = await ask(oldest, '/api/admin/notification/traffic-report/')
    expect(reports.headers['content-type']).toMatch(/^text\/html/)
    // With a key it panics after the work is done (1.14).
    const changed = await ask(oldest, '/api/admin/settings/', 'key', '{"sitename":"Lab"}')
    expect([changed.status, changed.body]).toEqual([500, ''])
    expect((await data(oldest, '/api/public')).sitename).toBe('Lab')
  })
})
