import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {WebSocket} from 'ws'
import {isObject} from '../../../src/lib/sandbox/json-object.js'
import type {Profile} from '../../../src/lib/sandbox/komari/features.js'
import {instantAt, millisecondsOf, parseInstant} from '../../../src/lib/sandbox/komari/instant.js'
import type {GpuRecord} from '../../../src/lib/sandbox/komari/load-records.js'
import type {NodeColumns} from '../../../src/lib/sandbox/komari/node.js'
import type {Metrics} from '../../../src/lib/sandbox/komari/report.js'
import type {KomariState} from '../../../src/lib/sandbox/komari/state.js'
import {totp} from '../../../src/lib/sandbox/komari/totp.js'
import {type KomariSandbox, startKomari} from '../../emulated.js'
import {
  type HttpRecording,
  type Recording,
  readRecordings,
  type SocketRecording,
  Tally,
} from '../../recordings.js'
import {type RawAnswer, rawRequest} from './raw-request.js'

/**
 * Every recording of three real panels, sent to the emulator over a socket, one after the other. Before
 * each the state gets what the recorded panel knew: from the requests before it, from a list of what
 * was done in between, and what only the recorded answer tells (nodes, reports, history). What the
 * rules make of it is compared: status, headers, which nodes and fields are there, figures, errors.
 */

type Json = Record<string, unknown>

type Events = Readonly<Record<string, (state: KomariState, setClock: (now: number) => void) => unknown>>

interface Panel {
  readonly file: string
  readonly profile: Profile
  readonly port: number
  readonly start: (state: KomariState) => unknown
  readonly events: Events
}

const web1 = '2cefa56b-96f6-4b9b-a668-dbb5b6082682'
const secret1 = '00441ab9-c103-4e8d-82be-c50daef7d90f'
const idle = '3e7db896-b493-4eca-92ac-8ea44f8152d4'
const secretCookie = /2fa_secret=([A-Z2-7]+)/
const share = (expires: number) => ({
  tempory_share_token: 'share-token-1',
  tempory_share_token_expire_at: expires,
})

/** What happened on the recorded panels between the recordings. */
const panels: readonly Panel[] = [
  {
    file: 'v1.4.3',
    profile: '1.4',
    port: 25774,
    start: state => {
      state.mode = 'install'
    },
    events: {
      '022-fresh.public': state => {
        state.mode = 'normal'
      },
      '073-ping.add.default_on': state => state.addTask({name: '北京联通'}),
      '079-ping.add.unknown_client': state => state.addTask({name: 'not recorded', id: 6}),
      '091-ping.delete.again': state => [5, 6, 7].map(id => state.removeTask(id)),
      '229-cors.allowed_listed': set({cors_allowed_origins: 'https://app.example, https://b.example'}),
      '230-cors.allowed_star': set({cors_allowed_origins: '*'}),
      '232-cors.check_off': set({cors_allowed_origins: '', cors_origin_check_enabled: false}),
      '235-ws.allowed_listed': set({
        cors_origin_check_enabled: true,
        cors_allowed_origins: 'https://app.example',
        ws_allowed_origins: 'https://app.example',
      }),
      '236-load.guest': set({cors_allowed_origins: '', ws_allowed_origins: ''}),
      '476-2fa.enable_ok': (_, setClock) => setClock(codeTime()),
      '501-oauth.enabled': set({disable_password_login: false, o_auth_enabled: true}),
      '505-2fa.me_after_disable': set({o_auth_enabled: false}),
      '538-agent.register_short_key': set({auto_discovery_key: 'short'}),
      '539-agent.register_disabled': set({auto_discovery_key: ''}),
      '541-broken_row.list': state => {
        set({auto_discovery_key: 'komari-discovery-0001'})(state)
        state.edit(idle, {weight: 'heavy'})
      },
      '544-rpc.getNodes.guest_ip': state => {
        state.edit(idle, {weight: 0})
        set({send_ip_addr_to_guest: true})(state)
      },
      '545-private.guest.me': set({send_ip_addr_to_guest: false, private_site: true}),
      '609-share.open_page': set(share(4e9)),
      '617-share.expired': set(share(1)),
      '619-life.offline': set({private_site: false}),
      // One of them is recorded.
      '633-retention.public': retain(60),
      '655-admin2.settings_after_wrong_type': set({
        private_site: 'maybe',
        ...share(0),
        tempory_share_token: '',
      }),
      '689-ws.session_get_all': state => state.addSession('NXvAgsTh5z0NswM9nJSQ25xBvmBtIz19'),
      '703-private.agent_auth.nodes': set({private_site: true, tempory_share_token: ''}),
      '706-deleted2.remove': set({private_site: false}),
    },
  },
  {
    file: 'v1.4.3-admin',
    profile: '1.4',
    port: 25774,
    start: state => {
      state.mode = 'install'
    },
    events: {
      'a004-login': state => {
        state.mode = 'normal'
      },
      'a015-ping.add': state => state.addTask({name: 'not recorded'}),
      'a046-get.notification.load.': state => addLoadRule(state, 'cpu high'),
      'a154-rpc.admin:addLoadNotification': state => addLoadRule(state, 'not recorded'),
      'a166-rpc.admin:addPingTask': state => state.addTask({name: 'not recorded'}),
      'a168-rpc.admin:getOidcProvider': state =>
        state.oidcProviders.set('github', '{"client_id":"cid","client_secret":"csecret"}'),
      'a220-rpc.batch': state => {
        for (const {columns} of [...state.nodes.values()]) {
          if (!/^(web1|db1|Auto-host-a)$/.test(columns.name)) state.remove(columns.uuid)
        }
      },
    },
  },
  {
    file: 'v1.4.3-operate',
    profile: '1.4',
    port: 26099,
    start: state => {
      const keys = {api_key: 'komari-test-api-key-0001', auto_discovery_key: 'komari-test-discovery-key-01'}
      set({...keys, description: ''})(state)
      state.user = {...state.user, password: 'Test-Password-1'}
      state.sessions.delete('testAgentToken00000060efdeadbeef')
    },
    events: {
      'b016-rpc.admin:editClient': state => state.add({name: 'web1', token: 'testAgentToken00000052'}),
      'b040-rpc.admin:addPingTask': state => state.addTask({name: 'not recorded', id: 5}),
      'b082-rpc.admin:testSendMessage': state => {
        state.senderFailure = 'webhook request failed with status 500: no'
      },
      'b084-rpc.admin:testSendMessage': set({notification_enabled: false}),
      'b097-get.settings.': set({geo_ip_enabled: false, nosuch_key: 'x'}),
      'b263-rpc.common:getNodesLatestStatus': state => state.edit(secret1, {hidden: true}),
      'b260-get.api.records.load': ({metrics}) => {
        const [cpu, udp] = [metrics.get('cpu.usage'), metrics.get('connections.udp')]
        if (!cpu || !udp) throw new Error('a metric is missing')
        metrics.set('cpu.usage', {...cpu, days: 1})
        // The minute in which its history was deleted was filled again.
        metrics.set('connections.udp', {...udp, clearedAt: 0})
      },
    },
  },
  {
    file: 'v1.2.5-fix1',
    profile: '1.2.5',
    port: 25777,
    start: () => {},
    events: {
      '141-private.guest.nodes': set({private_site: true}),
      '158-logout.session': set({private_site: false}),
    },
  },
  {
    file: 'v1.1.8',
    profile: '1.1',
    port: 25775,
    start: () => {},
    events: {
      '141-private.guest.nodes': set({private_site: true}),
      '158-logout.session': set({private_site: false}),
    },
  },
]

function set(settings: Json): (state: KomariState) => void {
  return state => void Object.assign(state.settings, settings)
}

function addLoadRule(state: KomariState, name: string): void {
  const rule = {name, clients: [web1], metric: 'cpu', threshold: 80, ratio: 0.8, interval: 15}
  state.loadRules.set(++state.lastLoadRule, {...rule, last_notified: null})
}

function retain(days: number): (state: KomariState) => void {
  return ({metrics}) => {
    for (const [name, kept] of metrics) metrics.set(name, {...kept, days})
  }
}

/** When the code of the recordings was right: it is on the recorded authenticator, not in the recordings. */
function codeTime(): number {
  const enable = readRecordings('komari', 'v1.4.3.jsonl').find(
    ({id}) => id === '476-2fa.enable_ok',
  ) as HttpRecording
  const secret = secretCookie.exec(String(enable.request.headers.Cookie))?.[1] ?? ''
  const code = /code=(\d+)/.exec(enable.request.path)?.[1]
  for (let at = Date.UTC(2026, 10, 21, 8, 0); at < Date.UTC(2026, 10, 21, 10, 0); at += 30_000) {
    if (totp(secret, at) === code) return at
  }
  throw new Error('the recorded code is of another day')
}

/** Why a recording says nothing about the sandbox. */
function reasonToSkip(recording: Recording): string | undefined {
  const {id} = recording
  if (id.includes('-tz.'))
    return 'the same database under another time zone; time zones are in komari.test.ts'
  const after = Number(/^b(\d+)/.exec(id)?.[1] ?? 0) > 287
  if (after) return 'after a restore, which the sandbox does not have (contracts/komari.md 7.8)'
  const lists = 'request' in recording && recording.response.status === 200
  if (lists && /logs$|getLogs/.test(id)) return 'the log of requests that are not recorded'
  if (id === '020-install.complete.again') return 'the moment between installation and restart is left out'
  if (!('request' in recording)) return undefined
  const {path, body} = recording.request
  const isCommand = /\/admin\/task\/|"admin:(exec|get(Specific)?Task)/.test(`${path} ${body}`)
  const {json} = recording.response
  const isRefused = recording.response.status !== 200 || (isObject(json) && 'error' in json)
  if (isCommand) return isRefused ? undefined : 'a command that the recorded machines answered'
  if (
    /^\/api\/admin\/(clipboard|theme|plugin|database|download|upload)\b|xtermjs|geoip|2fa\/generate/.test(
      path,
    )
  ) {
    return 'admin route that no resource is made of (contracts/komari.md 3.4-3.7)'
  }
  if (id.includes('rpc.help')) return 'the words that the panel has for each method'
  const method = /"method":"([^"]+)"/.exec(body ?? '')?.[1] ?? ''
  if (/db[A-Z]|Database|Clipboard|Plugins|Migration/.test(method) && !/Ping/.test(method)) {
    return 'RPC method that no resource is made of (contracts/komari.md 2.8)'
  }
  if (/queryMetrics|pingMetricStats/i.test(method)) {
    return 'statistics of probes that are not recorded (contracts/komari.md 7.2; ping-metrics.test.ts)'
  }
  return undefined
}

/** Every object in a value, itself included. */
function* objectsIn(value: unknown): Generator<Json> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield value as Json
  for (const inner of Object.values(value)) yield* objectsIn(inner)
}

const nobody = '00000000-0000-0000-0000-000000000000'
const uuidPattern = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

function instantOf(value: unknown) {
  const instant = parseInstant(String(value))
  if (instant === undefined) throw new Error(`${value} is no time`)
  return instant
}

function isNode(json: Json): boolean {
  return typeof json.uuid === 'string' && typeof json.name === 'string' && 'cpu_name' in json
}

/** What a recorded panel knew and only its answer tells. */
class World {
  readonly #state: KomariState
  clock = Date.UTC(2026, 10, 21, 8, 38)

  constructor(state: KomariState) {
    this.#state = state
  }

  /** What an agent said so far, and the machine it was on. */
  #forget(uuid: string): void {
    const node = this.#state.feed.get(uuid)
    if (node) node.agent = {reports: []}
  }

  #connect(uuid: string, connected: boolean): void {
    const node = this.#state.feed.get(uuid)
    if (node) node.agent.connected = connected
  }

  /** From the request: which node it is about. */
  ensureNodes(text: string): void {
    for (const [uuid] of text.matchAll(uuidPattern)) {
      if (uuid !== nobody && !this.#state.feed.has(uuid)) this.#state.add({uuid, name: uuid})
    }
  }

  load(recording: HttpRecording): void {
    const {request, response} = recording
    const {json} = response
    this.#moveClock(json)
    if (response.status !== 200 || typeof json !== 'object' || json === null) return
    this.#loadNodes(request.path, json, isCut(recording))
    if (request.path.includes('/api/recent/')) this.#loadRecent(request.path, json as Json)
    this.#loadMetrics(json)
    this.#loadRules(request, json)
    this.#loadStatus(json)
    this.#loadTasks(request.path, request.body ?? '', json)
    this.#loadRecords(request.path, request.body ?? '', json)
    for (const {uuid, session, logged_in} of objectsIn(json)) {
      if (uuid && (session || logged_in)) this.#state.user = {...this.#state.user, uuid: String(uuid)}
    }
  }

  /** The answer to a frame of the live feed. */
  loadFeed(text: string, all: boolean, removed: boolean): void {
    const json = JSON.parse(text)
    const reports: Record<string, Json> = json.data?.data
    this.#moveClock(json)
    if (!reports) {
      this.#loadStatus(json)
      return
    }
    const state = this.#state
    for (const [uuid, report] of Object.entries(reports)) {
      if (!state.feed.has(uuid)) state.add({uuid, name: uuid})
      if (removed) state.remove(uuid)
      this.#forget(uuid)
      state.report(uuid, report as unknown as Metrics, instantOf(report.updated_at))
    }
    for (const [uuid, {columns}] of state.feed) {
      if (uuid in reports) this.#connect(uuid, json.data.online.includes(uuid))
      else if (all && !columns.hidden) this.#forget(uuid)
    }
  }

  /** The newest time of an answer is now; without one it is as late as before. */
  #moveClock(json: unknown): void {
    let newest = 0
    for (const object of objectsIn(json)) {
      for (const name of ['time', 'updated_at', 'to', 'latest_online']) {
        const instant = typeof object[name] === 'string' ? parseInstant(object[name]) : undefined
        if (instant === undefined || 'cpu_name' in object) continue
        newest = Math.max(newest, millisecondsOf(instant) + 1)
      }
    }
    if (newest > 0) this.clock = newest
  }

  #loadNodes(path: string, json: unknown, cut: boolean): void {
    const nodes = [...objectsIn(json)].filter(isNode)
    for (const node of nodes) {
      const {uuid, created_at, updated_at, expired_at, ...rest} = node as unknown as NodeColumns
      const columns = {
        ...rest,
        created_at: instantOf(created_at),
        updated_at: instantOf(updated_at),
        expired_at: expired_at === null ? null : instantOf(expired_at),
      }
      if (this.#state.nodes.has(uuid)) this.#state.update(uuid, columns)
      else this.#state.add({...columns, uuid, name: rest.name})
    }
    const isAdminList = path.endsWith('/client/list')
    if (cut || (!isAdminList && !/\/api\/nodes(\?|$)/.test(path))) return
    const listed = new Set(nodes.map(({uuid}) => uuid))
    for (const {columns} of [...this.#state.nodes.values()]) {
      const isMissing = !listed.has(columns.uuid) && (isAdminList || !columns.hidden)
      if (isMissing) this.#state.remove(columns.uuid)
    }
  }

  /** When metrics were made and changed; for how long they are kept is not taken over. */
  #loadMetrics(json: unknown): void {
    for (const {name, retention_days, created_at, updated_at} of objectsIn(json)) {
      const kept = this.#state.metrics.get(String(name))
      if (!kept || retention_days === undefined) continue
      const times = {createdAt: instantOf(created_at), updatedAt: instantOf(updated_at)}
      this.#state.metrics.set(String(name), {...kept, ...times})
    }
  }

  /** Which nodes ever connected; their rules are not taken over. */
  #loadRules({path, body}: HttpRecording['request'], json: unknown): void {
    if (!path.endsWith('/offline') && !body?.includes('listOffline')) return
    const {offlineRules, nodes} = this.#state
    for (const {client, grace_period} of objectsIn(json)) {
      if (grace_period === undefined || offlineRules.has(String(client))) continue
      offlineRules.set(String(client), {enable: false, grace_period: 180, last_notified: null})
    }
    const listed = new Set([...objectsIn(json)].map(({client}) => client))
    for (const [uuid, {agent}] of nodes) if (!listed.has(uuid)) agent.reports = []
  }

  #loadRecent(path: string, json: Json): void {
    const [uuid = ''] = path.match(uuidPattern) ?? []
    if (!this.#state.feed.has(uuid)) return
    this.#forget(uuid)
    for (const report of (json.data as Json[]) ?? []) {
      const {cpu, updated_at, ...rest} = report
      const metrics = {...rest, cpu: {usage: 0, ...(cpu as Json)}} as unknown as Metrics
      const {uuid: named, ...known} = metrics as Metrics & {uuid?: string}
      this.#state.report(uuid, {...known, posted: named !== undefined}, instantOf(updated_at))
    }
  }

  #loadStatus(json: unknown): void {
    for (const status of objectsIn(json)) {
      const {client: uuid, online, uptime, load5} = status
      const isStatus = typeof uuid === 'string' && 'net_total_up' in status
      if (!isStatus || (online === undefined && !this.#isRecent(json))) continue
      if (!this.#state.feed.has(uuid)) this.#state.add({uuid, name: uuid})
      if (!this.#cleared.has(json as object)) {
        this.#forget(uuid)
        if (online === undefined) this.#cleared.add(json as object)
      }
      const number = (name: string) => Number(status[name] ?? 0)
      const share = (name: string) => ({total: number(`${name}_total`), used: number(name)})
      const metrics: Metrics = {
        cpu: {usage: number('cpu')},
        ram: share('ram'),
        swap: share('swap'),
        disk: share('disk'),
        load: {load1: number('load'), load5: Number(load5 ?? 0), load15: number('load15')},
        network: {
          up: number('net_out'),
          down: number('net_in'),
          totalUp: number('net_total_up'),
          totalDown: number('net_total_down'),
        },
        connections: {
          tcp: number('connections') - number('connections_udp'),
          udp: number('connections_udp'),
        },
        ...(number('gpu') > 0 && {gpu: {count: 1, average_usage: number('gpu'), detailed_info: []}}),
        uptime: Number(uptime ?? 0),
        process: number('process'),
        message: '',
      }
      this.#state.report(uuid, metrics, instantOf(status.time))
      if (online !== undefined) this.#connect(uuid, online === true)
    }
  }

  readonly #cleared = new WeakSet<object>()

  #isRecent(json: unknown): boolean {
    return this.recent && typeof json === 'object'
  }

  /** The request is for the reports of the last minute, by RPC. */
  recent = false

  #loadTasks(path: string, body: string, json: unknown): void {
    const state = this.#state
    const own = json as Json
    if (body.includes('client:getPingTasks') || path.includes('/ping/tasks')) {
      for (const task of (own.result ?? (own.error ? [] : json)) as Json[]) state.addTask(task as never)
      return
    }
    const lists = /\/api\/task\/ping|\/api\/admin\/ping\/$|getAllPingTasks|PublicPingTasks/
    if (lists.test(path) || lists.test(body)) {
      const tasks = ((json as {data?: Json[]}).data ?? (json as {result?: Json[]}).result ?? []) as Json[]
      state.tasks.clear()
      for (const task of tasks) state.addTask(task as never)
      return
    }
    const {data, result} = json as {data?: Json; result?: Json}
    const tasks = (data?.tasks ?? result?.tasks) as Json[] | undefined
    const isPing =
      path.includes('/records/ping') || body.includes('"type":"ping"') || body.includes('PingRecords')
    if (!isPing) return
    const [uuid] = `${path}${body}`.match(uuidPattern) ?? []
    const wanted = /task_id[=":]+(-?\d+)/.exec(`${path}${body}`)?.[1]
    for (const task of [...state.tasks.values()]) {
      const isListed = tasks?.some(({id}) => id === task.id)
      if (isListed || !uuid || (wanted && Number(wanted) !== task.id)) continue
      state.tasks.set(task.id, {...task, clients: task.clients.filter(client => client !== uuid)})
    }
    for (const {id, name, type, interval, default_on, clients} of tasks ?? []) {
      const known = state.tasks.get(Number(id))
      const own = uuid && !known?.clients.includes(uuid) ? [uuid] : []
      state.addTask({
        ...known,
        id: Number(id),
        name: String(name),
        type: String(type),
        interval: Number(interval),
        default_on: default_on === true,
        clients: (clients as string[]) ?? [...(known?.clients ?? []), ...own],
      })
    }
  }

  #loadRecords(path: string, body: string, json: unknown): void {
    const state = this.#state
    const {data, result} = json as {data?: Json; result?: Json}
    const records = data?.records ?? result?.records
    const isHistory = /\/records\/|getRecords|RecordsByUUID|PingRecords/.test(`${path}${body}`)
    if (!isHistory || records === undefined) return
    const [asked] = `${path}${body}`.match(uuidPattern) ?? []
    const rows = [...objectsIn(records)].filter(({time}) => typeof time === 'string')
    const isPing = `${path}${body}`.includes('ing')
      ? path.includes('/ping') || body.includes('"type":"ping"') || body.includes('PingRecords')
      : false
    const clients = new Set(rows.map(({client}) => String(client)))
    if (asked && asked !== nobody) clients.add(asked)
    if (!asked) for (const uuid of state.nodes.keys()) clients.add(uuid)
    for (const client of clients) {
      const own = rows.filter(row => row.client === client)
      const at = ({time}: Json) => millisecondsOf(instantOf(time))
      if (isPing) {
        state.pings.set(
          client,
          own.map(row => ({client, at: at(row), task_id: Number(row.task_id), value: Number(row.value)})),
        )
      } else {
        const empty = {cpu: 0, gpu: 0, ram: 0, ram_total: 0, swap: 0, swap_total: 0, load: 0, temp: 0}
        const others = {disk: 0, disk_total: 0, net_in: 0, net_out: 0, net_total_up: 0, net_total_down: 0}
        const rest = {traffic_up: 0, traffic_down: 0, process: 0, connections: 0, connections_udp: 0}
        state.load.set(
          client,
          own.map(({client: _, time: __, ...row}) => ({
            ...empty,
            ...others,
            ...rest,
            ...(row as object),
            at: at({time: __}),
          })),
        )
        const gpu = [...objectsIn(data?.gpu_devices)].filter(({time}) => typeof time === 'string')
        state.gpu.set(
          client,
          gpu.map(({client: _, time, ...row}) => ({...(row as unknown as GpuRecord), at: at({time})})),
        )
      }
    }
  }
}

/** The recorder kept some elements of a long list. */
function isCut({note = '', request}: HttpRecording): boolean {
  return note.includes('cut here') || (request.body ?? '').includes('maxCount')
}

/** Every element of a shortened list is in the whole one; the rest is the same. */
function expectContained(actual: unknown, wanted: unknown): void {
  if (Array.isArray(wanted)) {
    for (const item of wanted) expect(actual).toContainEqual(item)
  } else if (typeof wanted === 'object' && wanted !== null) {
    expect(Object.keys(actual as Json).sort()).toEqual(Object.keys(wanted).sort())
    for (const [name, value] of Object.entries(wanted)) expectContained((actual as Json)[name], value)
  } else expect(actual).toEqual(wanted)
}

/** Lists of a moment in the panel's random order, and figures that a shortened list cannot give. */
function comparable(value: unknown, cut: boolean): unknown {
  if (Array.isArray(value)) {
    const items = value.map(item => comparable(item, cut))
    return items.every(item => typeof item === 'object' && item !== null) ? sorted(items) : items
  }
  if (typeof value !== 'object' || value === null) return value
  const json = {...(value as Json)}
  // Of requests a moment apart; of probes that are not recorded.
  for (const name of [
    'from',
    'to',
    'ping',
    'latest_online',
    'latest_ip',
    'latest_user_agent',
    'basic_info',
    'count',
  ]) {
    const isFigure = name === 'basic_info' || name === 'count'
    if (!isFigure || cut) delete json[name]
  }
  if (cut && 'p50' in json) for (const name of ['latest', 'p50', 'p99', 'p99_p50_ratio']) delete json[name]
  if (cut && 'interval' in json) {
    for (const name of ['avg', 'loss', 'max', 'min', 'total']) delete json[name]
  }
  // Of a provider's field.
  if ('required' in json) delete json.help
  if ('retention_days' in json) delete json.updated_at
  return Object.fromEntries(Object.entries(json).map(([name, inner]) => [name, comparable(inner, cut)]))
}

function sorted(items: unknown[]): unknown[] {
  const text = (item: unknown) =>
    JSON.stringify(item, Object.keys((item ?? {}) as object).sort() as unknown as string[])
  return items.toSorted((one, other) => (text(one) < text(other) ? -1 : 1))
}

const secrets = /"(token|session_token)":"[0-9A-Za-z]{22,32}"|"uuid":"[0-9a-f-]{36}"/g

/** One of the recorded panels was built from the source, without a version. */
function released(text: string): string {
  return text
    .replaceAll('Snapshot-2608171500', '1.4.3')
    .replaceAll('0'.repeat(40), 'bf6b45ec3abfc56bba5e9223650a47a72f665371')
}

function expectSame(recording: HttpRecording, answer: RawAnswer, isNew: boolean): void {
  const {response} = recording
  expect(answer.status).toBe(response.status)
  expect(answer.headers['content-type'] ?? null).toBe(response.content_type)
  for (const [name, value] of Object.entries(response.headers)) {
    const secret = /[0-9A-Za-z]{32}|(?<=state=)[0-9A-Za-z]{16}/g
    const own = answer.headers[name.toLowerCase()]?.replaceAll(
      /oauth_state=[0-9A-Za-z]{16}/g,
      'oauth_state=S',
    )
    const theirs = value.replaceAll(/oauth_state=[0-9A-Za-z]{16}/g, 'oauth_state=S')
    expect(own?.replaceAll(secret, 'S'), name).toBe(theirs.replaceAll(secret, 'S'))
  }
  if (!('Cache-Control' in response.headers)) expect(answer.headers).not.toHaveProperty('cache-control')
  const hidden = (text: string) => text.replaceAll(/state=[0-9A-Za-z]{16}/g, 'state=S')
  if (response.json === undefined) {
    expect(hidden(answer.body)).toBe(hidden(recording.request.method === 'HEAD' ? '' : (response.text ?? '')))
    return
  }
  const text = isNew ? answer.body.replaceAll(secrets, '"$1":"S"') : answer.body
  const wanted = isNew
    ? JSON.stringify(response.json).replaceAll(secrets, '"$1":"S"')
    : released(JSON.stringify(response.json))
  const cut = isCut(recording)
  const [own, theirs] = [text, wanted].map(json => comparable(JSON.parse(json), cut))
  if (cut) expectContained(own, theirs)
  else expect(own).toEqual(theirs)
  if (response.raw !== undefined && !cut && !/\[\{/.test(response.raw)) {
    const bytes = (raw: string) => (isNew ? raw.replaceAll(secrets, '"$1":"S"') : raw)
    expect(bytes(answer.body)).toBe(bytes(response.raw))
  }
}

describe.each(panels)('recordings of $file', ({file, profile, port, start, events}) => {
  const recordings = readRecordings('komari', `${file}.jsonl`)
  const tally = new Tally()
  let applied = 0
  let panel: KomariSandbox
  let world: World

  beforeAll(async () => {
    panel = await startKomari({
      profile,
      world: 'empty',
      now: () => world?.clock ?? Date.UTC(2026, 10, 21, 8, 38),
      username: 'admin',
      password: 'Passw0rd1',
      apiKey: '',
      autoDiscoveryKey: '',
    })
    world = new World(panel.state)
    panel.state.sessions.clear()
    for (const token of JSON.stringify(recordings).matchAll(/session_token=([A-Za-z]\w{31})\b/g)) {
      panel.state.addSession(token[1] ?? '')
    }
    start(panel.state)
  })

  afterAll(async () => {
    await panel.close()
    tally.report(`komari ${file}`)
  })

  /** Those of skipped recordings count too: the panel lived through them. */
  function applyEvents(id: string): void {
    const until = recordings.findIndex(recording => recording.id === id) + 1
    for (const passed of recordings.slice(applied, until)) {
      events[passed.id]?.(panel.state, now => {
        world.clock = now
      })
    }
    applied = until
  }

  const hostHeader = `127.0.0.1:${port}`

  for (const recording of recordings) {
    const reason = reasonToSkip(recording)
    if (reason !== undefined) tally.leaveOut(reason, recording)
    test.runIf(reason === undefined)(recording.id, async () => {
      applyEvents(recording.id)
      tally.replayed++
      if ('request' in recording) await replay(recording)
      else await converse(recording)
    })
  }

  async function replay(recording: HttpRecording): Promise<void> {
    const {request, response, id} = recording
    const about = `${request.path} ${request.body ?? ''}`
    const isEdit = /\/client\/[0-9a-f-]{36}\/edit|client\/order/.test(request.path)
    if (isEdit || /records|"uuid"/.test(about)) world.ensureNodes(response.status === 200 ? about : '')
    world.recent = about.includes('getNodeRecentStatus')
    const makes = /client\/add|addClient|clients\/register/.test(about)
    // The recorded secrets are loaded after what made them.
    if (!makes && !about.includes('/api/admin/settings')) world.load(recording)
    if (request.method === 'GET' && about.includes('/api/admin/settings')) world.load(recording)
    if (id.includes('broken_row')) panel.state.edit(idle, {weight: 'heavy'})
    const before = new Set(panel.state.nodes.keys())
    const others =
      about.includes('ession/get') || about.includes('getSessions') ? onlyListed(response.json) : []
    const headers = {Host: hostHeader, ...request.headers}
    const answer = await rawRequest(panel.port, {...request, headers})
    for (const session of others) panel.state.sessions.set(session.session, session)
    adopt(before, response.json, request.path)
    const isNew = makes || request.path === '/api/login'
    expectSame(recording, answer, isNew)
  }

  /** What the emulator just made gets the recorded secrets, or later requests would not know it. */
  function adopt(before: ReadonlySet<string>, json: unknown, path: string): void {
    const made = [...panel.state.nodes.values()].find(({columns}) => !before.has(columns.uuid))
    const source = [...objectsIn(json)].find(({token}) => typeof token === 'string')
    if (made && source) {
      const {uuid: _, token: __, ...columns} = made.columns
      panel.state.remove(made.columns.uuid)
      const name = columns.name.startsWith('client_') ? '' : columns.name
      panel.state.add({...columns, name, uuid: String(source.uuid), token: String(source.token)})
    }
    const task = [...objectsIn(json)].find(({task_id}) => typeof task_id === 'number')
    const added = path.includes('ping/add') ? [...panel.state.tasks.values()].at(-1) : undefined
    if (added && task) {
      panel.state.tasks.delete(added.id)
      panel.state.addTask({...added, id: Number(task.task_id), weight: Number(task.task_id)})
    }
    const session = [...objectsIn(json)].find(({session_token}) => typeof session_token === 'string')
    if (path === '/api/login' && session) panel.state.addSession(String(session.session_token))
  }

  /** Sessions as the recorded panel had them; gives those that later requests use. */
  function onlyListed(json: unknown) {
    const {sessions} = panel.state
    const others = [...sessions.values()]
    sessions.clear()
    for (const listed of [...objectsIn(json)].filter(({session}) => typeof session === 'string')) {
      const session = panel.state.addSession(String(listed.session))
      session.created_at = instantOf(listed.created_at)
      session.expires = instantOf(listed.expires)
    }
    return others
  }

  async function converse(recording: SocketRecording): Promise<void> {
    const {id, websocket, handshake, frames} = recording
    const {path, headers, host = hostHeader} = websocket
    world.ensureNodes(JSON.stringify(frames.filter(({recv}) => recv === undefined)))
    if (id.includes('agent.v1')) panel.state.add({name: 'v1', token: /token=(\w+)/.exec(path)?.[1] ?? ''})
    const {Origin, ...others} = headers
    const leaving = frames.some(({event}) => event?.includes('logged out'))
    const token = /session_token=(\w+)/.exec(others.Cookie ?? '')?.[1] ?? ''
    if (leaving) panel.state.addSession(token)
    const socket = new WebSocket(`ws://127.0.0.1:${panel.port}${path}`, {
      headers: {...others, Host: host, ...(Origin && {Origin})},
      perMessageDeflate: false,
    })
    const messages = queueOf(socket)
    const refusal = await messages.opened
    if (handshake.status !== 101) {
      expect(refusal?.status).toBe(handshake.status)
      expect(refusal?.body).toBe(handshake.body ?? '')
      for (const [name, value] of Object.entries(handshake.headers)) {
        if (name !== 'Connection') expect(refusal?.headers[name.toLowerCase()], name).toBe(value)
      }
      return
    }
    expect(refusal).toBeUndefined()
    const answers = frames.flatMap(({recv}) => recv ?? [])
    let sent = 0
    for (const [index, frame] of frames.entries()) {
      if (frame.opcode === 'close') socket.close(1000)
      else if (frame.send !== undefined) {
        // Frames that the panel does not answer have no world to load.
        const isAnswered = frames.slice(index + 1).some(({recv}) => recv !== undefined)
        const answer = isAnswered ? answers[sent] : undefined
        if (answer?.startsWith('{')) {
          world.loadFeed(answer, frame.send.trim() === 'get', id.includes('deleted'))
        }
        if (!id.includes('agent.v1') || /bad|zzz/.test(frame.send)) sent++
        socket.send(frame.opcode === 'binary' ? Buffer.from(frame.send) : frame.send)
      } else if (frame.recv !== undefined) {
        expectSameFrame(await messages.next(), frame.recv)
      } else if (frame.recv_close) expect(await messages.closed).toBe(frame.recv_close.code)
      else if (frame.event?.includes('logged out')) panel.state.sessions.delete(token)
      else if (frame.event?.includes('killed') || frame.event?.includes('SIGTERM')) await panel.restart()
      else if (frame.tcp_closed && !frames.some(({recv_close}) => recv_close))
        expect(await messages.closed).toBe(1006)
    }
    socket.terminate()
  }
})

function expectSameFrame(text: string, wanted: string): void {
  expect(text.endsWith('\n')).toBe(wanted.endsWith('\n'))
  const parse = (frame: string) => {
    const json = JSON.parse(frame)
    json.data?.online?.sort()
    return comparable(json, false)
  }
  expect(parse(text)).toEqual(parse(wanted))
}

interface Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** A client's side of a conversation, without a clock: what comes waits to be asked for. */
function queueOf(socket: WebSocket) {
  const waiting: string[] = []
  const asking: Array<(text: string) => void> = []
  socket.on('error', () => {})
  socket.on('message', data => {
    const ask = asking.shift()
    if (ask) ask(data.toString())
    else waiting.push(data.toString())
  })
  const opened = new Promise<Refusal | undefined>(resolve => {
    socket.once('open', () => resolve(undefined))
    socket.once('unexpected-response', async (_, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk as Buffer)
      const body = Buffer.concat(chunks).toString()
      resolve({status: response.statusCode ?? 0, headers: response.headers, body})
    })
  })
  return {
    opened,
    closed: new Promise<number>(resolve => socket.once('close', resolve)),
    next: () => {
      const [text] = waiting.splice(0, 1)
      return text === undefined ? new Promise<string>(resolve => asking.push(resolve)) : Promise.resolve(text)
    },
  }
}

test('an instant keeps its nanoseconds', () => {
  expect(instantAt(1)).toBe(1_000_000n)
})
