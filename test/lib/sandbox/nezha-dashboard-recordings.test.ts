import {readdirSync} from 'node:fs'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import WebSocket from 'ws'
import {emptyHost, emptyStatus, machineFor} from '../../../src/lib/sandbox/nezha/agent.js'
import {issueJwt} from '../../../src/lib/sandbox/nezha/v1/identity.js'
import type {DashboardState, Row} from '../../../src/lib/sandbox/nezha/v1/state.js'
import {type DashboardSandbox, startDashboard} from '../../emulated.js'
import {
  fixtureFolder,
  type HttpRecording,
  headerOf,
  type Recording as Line,
  readRecordings,
  type SocketRecording,
  Tally,
} from '../../recordings.js'
import {rawRequest} from './raw-request.js'

/**
 * Every recording of real dashboards of v1 and v2, sent to the emulator of that version over a socket. What their agents
 * had measured, and rows whose making is not recorded, come from the recorded answer; what the rules make of it is compared:
 * status, headers, every key in its place, and every value that is not a time, a figure over time or a made secret.
 */

type Json = Readonly<Record<string, unknown>>
type Recording = HttpRecording & {
  readonly response: {readonly frames?: ReadonlyArray<{opcode: string; json?: Json}>; readonly bytes?: number}
}

/** Why a recording says nothing about the sandbox; by the end of its id, or by its file and path. */
function reasonToSkip({id, request}: Recording): string | undefined {
  if (request.path.startsWith('/api/v1/ws/terminal/')) return 'a terminal, which no command opens'
  if (id.endsWith('mcp.fs_list')) return 'the files of a machine, which the emulated ones have not'
  if (id === 'v100-003-probe.root') return 'a dashboard without its web page'
  return undefined
}

const strike = (address: string) => (state: DashboardState) => state.firewall.strike(address, clock, 1)
const settings = (changes: Json) => (state: DashboardState) => {
  state.settings = {...state.settings, ...changes}
}
const later = (seconds: number) => () => {
  clock += seconds * 1000
}

const times = {created_at: '2026-11-28T04:14:22Z', updated_at: '2026-11-28T04:14:22Z'}

/** What happened to the recorded dashboard before a recording, beside what the recordings themselves did. */
const events: Readonly<Record<string, (state: DashboardState) => unknown>> = {
  // It was dead-locked, and started anew.
  'v140-063-profile.wrong_password': state => state.restart(),
  'v1414-045-server.config': state =>
    state.configure('11111111-2222-4333-8444-555555555555', {debug: true, server: '127.0.0.1:8008'}),
  'v1414-061-offline.config': state => {
    const was = {connectedAt: clock - 60_000, disconnectedAt: clock - 1000, reportEverySeconds: 3}
    state.update(2, {agent: {kind: 'machine', machine: machineFor(2, clock), ...was}})
  },
  '049-jwt.online_user': state => state.viewers.add({userId: 0, since: clock, address: '127.0.0.1'}),
  '050-csrf.none_bearer': state => state.viewers.clear(),
  '163-force_auth.setting': state => Object.assign(state, {forceAuth: true}),
  '169-tsdb.setting': state => Object.assign(state, {forceAuth: false, tsdb: true}),
  '170-waf.header_missing': state => {
    state.tsdb = false
    settings({web_real_ip_header: 'X-Real-IP'})(state)
  },
  '175-waf.blocked': strike('198.51.100.21'),
  '179-waf.unblocked': later(3),
  '191-user.create_member': settings({web_real_ip_header: ''}),
  '194-member.setting': state => Object.assign(state, {tsdb: true}),
  '211-final.login': state => {
    state.tsdb = false
    const user = state.users.get(1)
    if (user) state.users.set(1, {...user, password: 'admin'})
  },
  '217-setting.install_host_member': settings({install_host: 'panel.example.com:443', tls: true}),
  'v1414-067-delete.known_offline': state => state.add({id: 2, name: 'back'}),
  '153-config.get': state =>
    state.configure('11111111-2222-4333-8444-555555555555', {disable_command_execute: true}),
  '158-restart.server': state => state.restart(),
  'v1414-068-rename.after': state => state.add({id: 3, name: 'back'}),
  'v140-068-rename.after_unknown': state => state.add({id: 3, name: 'back'}),
  '247-group.list_after': state => {
    const group = state.groups.get(2)
    if (group) state.groups.set(2, {...group, name: '香港', members: [2]})
  },
  '253-server.config_no_exec': state =>
    state.configure('22222222-2222-4333-8444-555555555555', {disable_command_execute: true}),
  '267-online_user': state => state.viewers.add({userId: 0, since: clock, address: '127.0.0.1'}),
  '268-waf.list': state => state.viewers.clear(),
  '331-ddns.create_webhook': state => {
    const cf = {name: 'cf', provider: 'cloudflare', access_id: 'id', domains: ['b.example.test']}
    state
      .rowsOf('ddns')
      .set(2, {id: 2, ...times, enable_ipv4: true, enable_ipv6: false, max_retries: 3, ...cf})
  },
  '391-delete.list_after': state => state.remove(2),
  '401-waf.after_1': strike('198.51.100.9'),
  '403-waf.after_2': state => {
    later(3)()
    strike('198.51.100.9')(state)
  },
  '419-delete.metrics_after': state => state.remove(3),
  '404-waf.login_good': later(16),
  'v1414-065-profile.wrong_password': state => state.restart(),
}

let clock = 0
/** The emulator's own of what was recorded, and whose JWT it is. */
let tokens = new Map<string, string>()
let csrf = ''

const files = readdirSync(fixtureFolder('nezha')).filter(file => /^(v|live-)[12]\..*\.jsonl$/.test(file))

/** A WebSocket of a live run, as those of the other files are written. */
function ofSocket({id, websocket: {path, headers}, handshake, frames}: SocketRecording): Recording {
  const {status, headers: told, body} = handshake
  const json = frames.map(({recv = ''}) => ({opcode: 'text', json: JSON.parse(recv)}))
  const content_type = told['content-type'] ?? null
  const response = {
    status,
    content_type,
    headers: told,
    ...(body === undefined ? {frames: json} : {raw: body}),
  }
  return {id, request: {method: 'GET', path, headers, body: null}, response}
}

/** The recordings of a file; of a live run the site is called as the emulated one, and the hash of a password is one. */
function recordingsOf(file: string): Recording[] {
  const lines = readRecordings<Line>('nezha', file)
  const recordings = lines.map(line => ('websocket' in line ? ofSocket(line) : (line as Recording)))
  if (!file.startsWith('live-')) return recordings
  const text = JSON.stringify(recordings)
    .replaceAll(/(site_name\\":\\")[^"\\]+/g, '$1Nezha')
    .replaceAll(/(password\\":\\")[^"\\]+(?=\\",\\"agent_secret)/g, '$1HASH')
  return JSON.parse(text)
}

/** The account, its agents' secret and the address of agents, where a live run has them: scrubbed, each by the same constant. */
function accountOf(file: string, recordings: readonly Recording[]) {
  if (!file.startsWith('live-')) return undefined
  const isGood = ({request, response}: Recording) =>
    request.path === '/api/v1/login' && response.raw?.includes('success')
  const {username, password} = JSON.parse(recordings.find(isGood)?.request.body ?? '')
  const told = (name: string) =>
    new RegExp(`"${name}":"([^"]+)"`).exec(JSON.stringify(recordings.map(recordedJson)))?.[1]
  const login = {username, password, agentSecret: told('agent_secret') ?? ''}
  return {login, install_host: told('install_host')}
}

/** How many of a file say nothing about the sandbox. */
const skipped: Readonly<Record<string, number>> = {'v1.0.0.jsonl': 1, 'v2.3.7-more.jsonl': 2}

describe.each(files)('%s', file => {
  const version = /^(?:v|live-)([\d.]+\d)/.exec(file)?.[1] ?? ''
  const recordings = recordingsOf(file)
  const account = accountOf(file, recordings)
  const tally = new Tally()
  let panel: DashboardSandbox
  let state: DashboardState

  beforeAll(async () => {
    tokens = new Map()
    clock = Date.parse(file.includes('v2.3.7.') ? '2026-11-21T09:00:31Z' : '2026-11-28T04:11:00Z')
    panel = await startDashboard({
      generation: version.startsWith('1') ? 'v1' : 'v2',
      profile: version,
      world: 'empty',
      password: 'admin',
      agentSecret:
        file === 'v2.3.7.jsonl' ? 'j5SvASlRrL3CKknSkV1QUU8u0OeUZ20x' : 'nTtmdASaJ74bZm85moKyaD5gaSDiS6KL',
      language: file === 'v2.3.7.jsonl' ? 'zh-CN' : 'en-US',
      tsdb: file !== 'v2.3.7.jsonl',
      ...account?.login,
      now: () => clock,
    })
    state = panel.state
    state.feedEveryMs = 5
    state.pats.clear()
    const [user] = state.users.values()
    if (account && user) {
      settings({install_host: account.install_host})(state)
      state.addPat({name: 'live', token: 'nzp_liveNezhaApiToken00000001', scopes: ['nezha:*'], user})
    }
    const login = await rawRequest(panel.port, {
      method: 'POST',
      path: '/api/v1/login',
      headers: {'Content-Type': 'application/json'},
      body: JSON.stringify({username: panel.username, password: panel.password}),
    })
    csrf = /nz-csrf=([^;]+)/.exec(login.headers['set-cookie'] ?? '')?.[1] ?? ''
  })
  afterAll(async () => {
    await panel.close()
    tally.report(`nezha ${file}`)
  })

  let applied = 0

  /** Those of skipped recordings count too: the dashboard lived through them. */
  function applyEvents(id: string): void {
    const until = recordings.findIndex(recording => recording.id === id) + 1
    for (const passed of recordings.slice(applied, until)) events[passed.id]?.(state)
    applied = until
  }

  for (const recording of recordings) {
    const reason = reasonToSkip(recording)
    if (reason !== undefined) {
      tally.leaveOut(reason, recording)
      continue
    }
    test(recording.id, async () => {
      applyEvents(recording.id)
      learn(recording, state)
      const request = translated(recording, state)
      const {response} = recording
      tally.replayed++
      if (response.status === 101) {
        const frames = (response.frames ?? []).flatMap(({json}) => json ?? [])
        const seen = await framesOf(panel, request, frames.length)
        expect(shape(seen[0])).toEqual(shape(frames[0]))
        expect(seen.slice(1).map(keysOf)).toEqual(frames.slice(1).map(keysOf))
        return
      }
      const answer = await rawRequest(panel.port, request)
      expect(answer.status, answer.body).toBe(response.status)
      expect(answer.headers['content-type'] ?? null).toBe(response.content_type)
      for (const [name, value] of Object.entries(response.headers)) {
        if (name === 'Accept-Ranges' || name === 'X-Content-Type-Options' || name === 'Sec-Websocket-Version')
          continue
        // Of repeated headers the last: the CSRF cookie.
        const expected = [value].flat().at(-1) ?? ''
        expect(masked(answer.headers[name.toLowerCase()] ?? ''), name).toBe(masked(expected))
      }
      // A live run keeps no cookies.
      if (!account && !response.headers['Set-Cookie']) expect(answer.headers).not.toHaveProperty('set-cookie')
      if (response.truncated !== undefined && response.bytes !== undefined) return
      if (response.content_type?.startsWith('text/html')) {
        if (response.status === 403) expect(answer.body).toMatch(/<title>Blocked<[\s\S]*nezha WAF/)
        return
      }
      const recorded = recordedJson(recording)
      if (recorded === undefined) expect(answer.body).toBe(response.text ?? response.raw ?? '')
      else {
        const given = JSON.parse(answer.body)
        rekey(recording, given, state)
        expect(shape(given)).toEqual(shape(recorded))
        expect(JSON.stringify(shape(given))).toBe(JSON.stringify(shape(recorded)))
      }
    })
  }

  test('nothing is left out unseen', () => {
    const left = skipped[file] ?? 0
    expect(tally.counts).toEqual({replayed: recordings.length - left, skipped: left})
  })
})

function recordedJson({response: {json, raw}}: Recording): unknown {
  return json ?? (raw?.startsWith('{') ? JSON.parse(raw) : undefined)
}

/** Texts without what is made anew each time. */
function masked(text: string): string {
  return text
    .replaceAll(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, 'JWT')
    .replaceAll(/\b[0-9a-f]{64}\.[0-9a-f]{64}\b/g, 'CSRF')
    .replaceAll(/nzp_\w{32}/g, 'PAT')
    .replaceAll(/\$2a\$10\$.{53}/g, 'HASH')
    .replace(/^(debug|2\.3\.7|1\.14\.14)$/, 'VERSION')
    .replaceAll(/(?!0001)\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
}

/** What is not the same in two answers that are. */
const volatile: Readonly<Record<string, unknown>> = {
  now: 0,
  online: 0,
  total: 0,
  session_id: '',
  cron_job_id: 0,
  duration_ms: 0,
  frontend_templates: [],
  stats: {},
  delay: [],
  up: [],
  down: [],
  data_points: [],
  created_at: [],
  avg_delay: [],
  current_up: 0,
  current_down: 0,
  total_up: 0,
  total_down: 0,
}

/** An answer with what is the same each time: of lists of measurements what their members look like. */
function shape(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return value.startsWith('{"') ? shape(JSON.parse(value)) : masked(value)
  if (Array.isArray(value)) {
    const isMeasured = Array.isArray(volatile[name])
    return isMeasured ? [keysOf(value[0])] : value.map(item => shape(item))
  }
  if (typeof value === 'number' && name in volatile) return 'NUMBER'
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    // The traffic of a cycle: nobody asks for it.
    Object.entries(value)
      .filter(([key]) => key !== 'cycle_transfer_stats')
      .map(([key, inner]) => [
        key,
        key in volatile && typeof inner === 'string' && key !== 'created_at' ? 'TEXT' : shape(inner, key),
      ]),
  )
}

function keysOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(keysOf)
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === 'host' || key === 'state' ? 'object' : keysOf(inner),
    ]),
  )
}

/** A recorded request with the emulator's own credentials in the places of the recorded ones. */
function translated({id, request}: Recording, state: DashboardState) {
  const member = id.includes('member') ? [...state.users.values()].find(({role}) => role === 1) : undefined
  const user = member ?? state.users.get(1)
  const address = String(request.headers['X-Real-IP'] ?? '')
  const ours = (text: string) =>
    text
      .replaceAll(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, jwt => {
        if (!tokens.has(jwt) && user) tokens.set(jwt, issueJwt(user, state, address).token)
        return tokens.get(jwt) ?? ''
      })
      .replaceAll(/\b[0-9a-f]{64}\.[0-9a-f]{64}\b/g, () => csrf)
  const headers = Object.entries(request.headers).map(([name, value]) => [name, ours(String(value))] as const)
  return {...request, path: ours(request.path), headers: Object.fromEntries(headers)}
}

/** The frames that come over a WebSocket, as many as were recorded. */
async function framesOf(
  panel: DashboardSandbox,
  request: Pick<HttpRecording['request'], 'path' | 'headers'>,
  count: number,
) {
  const sent = ['authorization', 'cookie', 'x-real-ip'].flatMap(name => {
    const value = headerOf(request.headers, name)
    return value ? [[name, value]] : []
  })
  const headers = Object.fromEntries(sent)
  const socket = new WebSocket(`ws://127.0.0.1:${panel.port}${request.path}`, {headers})
  return new Promise<unknown[]>((resolve, reject) => {
    const frames: unknown[] = []
    socket.on('error', reject)
    socket.on('message', data => {
      if (frames.push(JSON.parse(data.toString())) < count) return
      socket.terminate()
      // More may have come with it.
      resolve(frames.slice(0, count))
    })
  })
}

/** Lists by their path, and where the emulator keeps what is in them. */
const lists =
  /^\/api\/v1\/(server|server-group|service\/list|notification|notification-group|alert-rule|cron|nat|ddns|user|api-tokens)(\?.*)?$/

/** Takes in what the recorded answer tells of agents, measurements, and of rows whose making is not recorded. */
function learn(recording: Recording, state: DashboardState): void {
  const {request, response} = recording
  const answer = recordedJson(recording) as {data?: unknown} | undefined
  const data = answer?.data
  const frame = response.frames?.find(({json}) => json)?.json as {now: number; servers?: Json[]} | undefined
  const name = request.method === 'GET' ? lists.exec(request.path)?.[1] : undefined
  const told = JSON.stringify(answer ?? {}).matchAll(/"(?:last_active|created_at|updated_at)":"(2.+?Z)"/g)
  const moments = [...told].map(([, time = '']) => Math.ceil(Date.parse(time)))
  clock = Math.max(clock, frame?.now ?? 0, ...moments)
  const items = Array.isArray(data) ? (data as Json[]) : []
  if (name === 'server') for (const item of items) learnServer(item, state)
  const {result} = (answer ?? {}) as {result?: {structuredContent?: Json & {servers?: Json[]}}}
  const content = result?.structuredContent ?? {}
  for (const item of content.servers ?? (content.geoip ? [content] : [])) learnServer(item, state)
  for (const item of frame?.servers ?? []) learnServer(item, state)
  if (name && name !== 'server') for (const item of items) learnRow(name.replace('/list', ''), item, state)
  const {data_points: points, server_id: measured} = (data ?? {}) as {
    data_points?: Json[]
    server_id?: number
  }
  const [point] = points ?? []
  const agent = state.servers.get(measured ?? 0)?.agent
  if (point && measured && agent?.kind === 'frozen') {
    state.update(measured, {agent: {...agent, lastActive: Math.floor(clock / 1000)}})
  }
  const {service_id: service, servers = []} = (data ?? {}) as {service_id?: number; servers?: Json[]}
  for (const {server_id, stats} of service ? servers : []) {
    const rows = (stats as {data_points: Array<{ts: number; delay: number}>}).data_points
    clock = Math.max(clock, ...rows.map(({ts}) => ts))
    state.setPings(
      Number(server_id),
      service ?? 0,
      rows.map(({ts, delay}) => ({at: ts, delayMs: delay})),
    )
  }
  // A server that has measurements has some of its first service.
  if (request.path === '/api/v1/service/server' && Array.isArray(data)) {
    for (const id of data as number[]) state.setPings(id, 1, [{at: clock, delayMs: 1}])
  }
  if (/\/server\/\d+\/service|\/service\/\d+$/.test(request.path.split('?')[0] ?? '')) {
    for (const {server_id, monitor_id, monitor_name, created_at, avg_delay} of items) {
      const id = Number(monitor_id)
      if (!state.monitors.has(id)) state.addMonitor({id, name: String(monitor_name), type: 'icmp'})
      const rows = (created_at as number[]).map((at, index) => ({
        at,
        delayMs: (avg_delay as number[])[index] ?? 0,
      }))
      clock = Math.max(clock, ...rows.map(({at}) => at))
      state.setPings(Number(server_id), id, rows)
    }
  }
}

const squeezed = (fields: Json) =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name.replaceAll('_', '').toLowerCase(), value]),
  )

/** Values by v0's names, of those that are told by the newer ones. */
function named<Fields extends object>(empty: Fields, told: Json): Fields {
  const values = squeezed(told)
  const entries = Object.entries(empty).map(([name, none]) => [name, values[name.toLowerCase()] ?? none])
  return Object.fromEntries(entries)
}

function learnServer(item: Json, state: DashboardState): void {
  const id = Number(item.id)
  if (!state.servers.has(id)) {
    const {name, uuid, note, public_note, display_index, hide_for_guest} = item
    const texts = {note: String(note ?? ''), publicNote: String(public_note ?? ''), uuid: String(uuid ?? '')}
    state.add({
      id,
      name: String(name),
      ...texts,
      displayIndex: Number(display_index ?? 0),
      hidden: hide_for_guest === true,
    })
  }
  const previous = state.servers.get(id)?.agent
  const known = previous?.kind === 'frozen' ? previous : undefined
  const {
    state: status,
    host: told,
    geoip,
    ipv4,
    last_active,
  } = item as {
    state?: Json & {gpu?: number[]}
    host?: Json
    geoip?: {ip: {ipv4_addr?: string}}
    ipv4?: string
    last_active: string
  }
  const host = told ? named(emptyHost, told) : (known?.host ?? emptyHost)
  // A guest is not told the versions; they were told before.
  const versions = {
    PlatformVersion: host.PlatformVersion || (known?.host.PlatformVersion ?? ''),
    Version: host.Version || (known?.host.Version ?? ''),
  }
  const seen = status && {...named(emptyStatus, status), GPU: status.gpu?.[0] ?? 0}
  state.update(id, {
    agent: {
      kind: 'frozen',
      host: {...host, ...versions},
      status: seen ?? known?.status ?? emptyStatus,
      lastActive: Math.floor(Date.parse(last_active) / 1000),
      ipv4: (geoip ? geoip.ip.ipv4_addr : ipv4) ?? (geoip ? '' : (known?.ipv4 ?? '')),
      ipv6: '',
    },
  })
}

function learnRow(name: string, item: Json, state: DashboardState): void {
  const {id, ...fields} = (item.group ?? item) as {id: number} & Json
  const held = (item.servers ?? item.notifications ?? null) as number[] | null
  const at = {createdAt: clock, updatedAt: clock}
  if (name === 'server-group') {
    if (!state.groups.has(id))
      state.groups.set(id, {id, name: String(fields.name), userId: 1, members: held ?? [], ...at})
  } else if (name === 'user') {
    const {username, role, agent_secret: agentSecret} = fields as Record<string, string>
    const secret = {agentSecret: String(agentSecret), password: ''}
    state.users.set(id, {
      ...at,
      ...secret,
      ...state.users.get(id),
      id,
      username: String(username),
      role: Number(role ?? 0),
      ...secret,
      password: state.users.get(id)?.password ?? '',
    })
  } else if (name === 'api-tokens') learnPat(id, fields, state)
  else if (!state.rowsOf(name).has(id)) {
    const row: Row = {...fields, notifications: held, id}
    state.rowsOf(name).set(id, row)
    if (name === 'service')
      state.addMonitor({id, name: String(fields.name), type: fields.type === 1 ? 'http' : 'icmp'})
  }
}

function learnPat(id: number, fields: Json, state: DashboardState): void {
  const user = state.users.get(1)
  const {name, scopes, server_ids, expires_at, last_used_at} = fields as {
    scopes: string[]
    server_ids?: number[]
  } & Json
  const token = unrecordedPats[String(name)] ?? ''
  const used = last_used_at ? {usedAt: clock} : {}
  const expires = expires_at ? {expiresAt: clock + 86_400_000} : {}
  if (user && !state.pats.has(id)) {
    state.addPat({id, name: String(name), scopes, serverIds: server_ids, user, token, ...expires, ...used})
  }
}

/** Tokens that were made between the recordings, by their names. */
const unrecordedPats: Readonly<Record<string, string>> = {
  ro: 'nzp_ANT8NbOnIJAhfuoP0wJHcsdzRGJZtOF4',
  full: 'nzp_XspoNDfblLVX1719hBlPPkF21cpo7sHQ',
  srv: 'nzp_dUgUGMH6TKyQ76yOItUTwpN6MctnryCP',
}

/** What was made has the number, and the token, that was recorded: later requests ask for it by them. */
function rekey({request, ...recording}: Recording, answer: {data?: unknown}, state: DashboardState): void {
  const recorded = (recordedJson({request, ...recording}) as {data?: unknown}).data
  const name = /^\/api\/v1\/([\w-]+)$/.exec(request.path)?.[1] ?? ''
  if (request.method !== 'POST' || recorded === undefined || answer.data === undefined) return
  if (name === 'api-tokens') {
    const [made, wanted] = [answer.data, recorded] as [{id: number}, {id: number; token: string}]
    const pat = state.pats.get(made.id)
    state.pats.delete(made.id)
    if (pat) state.pats.set(wanted.id, {...pat, ...wanted})
    Object.assign(made, {id: wanted.id})
  }
}
