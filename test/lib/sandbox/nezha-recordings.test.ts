import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {parseTarget} from '../../../src/lib/sandbox/go/query.js'
import {
  emptyHost,
  emptyStatus,
  type NezhaHost,
  type NezhaStatus,
  neverActive,
} from '../../../src/lib/sandbox/nezha/agent.js'
import type {NezhaState} from '../../../src/lib/sandbox/nezha/state.js'
import {type NezhaSandbox, startNezha} from '../../emulated.js'
import {type HttpRecording, type RecordedHeaders, readRecordings, Tally} from '../../recordings.js'
import {type RawAnswer, rawRequest} from './raw-request.js'

/**
 * Every recording of a real v0.20.13 dashboard, sent to the emulator over a socket. Before each the
 * state gets what the recorded dashboard knew: its servers (by hand and by the recorded registers)
 * and what its agents had just reported (from the recorded answer). What the rules make of it is
 * compared: which servers, in which order, which fields are real, every key in its place.
 */

interface Element {
  readonly id: number
  readonly name: string
  readonly tag: string
  readonly last_active: number
  readonly ipv4: string
  readonly ipv6: string
  readonly display_index: number
  readonly hide_for_guest: boolean
  readonly host?: NezhaHost
  readonly status?: NezhaStatus
}

interface MonitorElement {
  readonly monitor_id: number
  readonly server_id: number
  readonly created_at: number[]
  readonly avg_delay: number[]
}

type Recording = HttpRecording & {
  readonly response: {readonly json?: {code: number; result?: Element[] | MonitorElement[] | null}}
}

const recordings = readRecordings<Recording>('nezha', 'v0.20.13.jsonl')

const token = 'POXbxorKJBM8wPMKX8r2PdMblyXvpggB'
const cookie = 's3ss10nCookieTokenForTheAdmin001'
const viewPassword = 'let-me-in'

/** Why a recording says nothing about the sandbox. */
function reasonToSkip({request, response}: Recording): string | undefined {
  if (request.path.startsWith('/ws')) return 'WebSocket of the web page'
  if (/^\/api\/(?!v1)/.test(request.path)) return 'cookie-only endpoint of the web page (1.7)'
  if (request.method === 'DELETE' && request.path === '/api/v1/server') {
    return 'cookie-only endpoint of the web page (1.7)'
  }
  if (['/', '/login', '/server', '/view-password'].includes(request.path)) return 'web page'
  if (response.status === 0) return 'no answer at all; tested in nezha.test.ts'
  if (/[^ -~]/.test(request.path)) return "raw UTF-8 in the target: node's HTTP parser refuses it"
  return undefined
}

const day = 86_400_000

/** What happened on the recorded dashboard before a recording, beside what the recordings themselves did. */
const events: Record<string, (state: NezhaState) => unknown> = {
  '001-auth.token_but_no_user_row': state => {
    state.hasUser = false
  },
  '002-empty.list': state => {
    state.hasUser = true
  },
  '029-online.before_agent': addFirstServers,
  '155-monitor.row_of_deleted_monitor': state => state.setPings(6, 99, [{at: clock, delayMs: 1}]),
  '157-ws.guest': state => state.setPings(6, 99, []),
  // Registers between the recorded ones; without them the ids would not be the recorded ones.
  '199-register.simple_1_again': state => state.add({name: 'web4', tag: 'Production', hidden: true}),
  '205-register.empty_object_simple': state =>
    state.add({name: '127.0.0.1', tag: 'AutoRegister', hidden: true}),
  '229-register.hide_false': state => state.add({name: 'hide[ON]', tag: 'Hide'}),
  '235-register.keys_uppercase': state => state.add({name: 'lower', tag: 'Keys'}),
  '241-register.html': state => state.add({name: 'a "quoted" \\ back/slash', tag: "Quote's"}),
  '247-register.invalid_utf8': state => state.add({name: 'bad\ufffdend', tag: 'Esc'}),
  '253-register.form': state => state.add({name: 'ct3', tag: 'CT'}),
  '259-register.xff_garbage': state => state.add({name: '2001:db8::9', tag: 'IP'}),
  '277-register.database_locked_simple': state => {
    state.databaseLock = 'writes'
  },
  '278-auth.database_locked': state => {
    state.databaseLock = 'everything'
  },
  '279-nan.details_all': state => {
    state.databaseLock = 'none'
    const status = {...emptyStatus, Load1: Number.NaN}
    state.update(6, {agent: {kind: 'frozen', host: emptyHost, status, lastActive: 1, ipv4: '', ipv6: ''}})
  },
  '289-auth.new_token_at_once': state => state.tokens.add('a11VyVyprAMr4ViDeKWj44ObfcawcSYm'),
  '291-auth.deleted_token': state => state.tokens.delete('a11VyVyprAMr4ViDeKWj44ObfcawcSYm'),
  '305-list.after_regroup': state => {
    state.update(7, {tag: 'Edge'})
    state.update(8, {tag: 'Edge'})
  },
  // The batch delete before it is not recorded.
  '308-cookie.delete_server': state => {
    for (const id of state.servers.keys()) if (id > 7) state.remove(id)
  },
  '325-nat.other_host': state => state.natDomains.add('nat.example.com'),
  '331-view_password.list_token': state => {
    state.viewPassword = viewPassword
  },
  '355-big.details_500': makeBig,
  '361-en.cookie_custom_name': state => {
    state.cookieName = 'probe-session'
  },
  '364-en.monitor_hidden': state => state.update(3, {hidden: true}),
  '370-monitor.database_locked': state => {
    state.cookieName = 'nezha-dashboard'
    addFirstServers(state)
    state.databaseLock = 'everything'
  },
  '373-auth.after_lock': state => {
    state.databaseLock = 'none'
  },
  '379-auth.token_of_deleted_user': state => state.tokens.add('0rphanTokenOfADeletedUserNo99abc'),
  '383-register.database_locked_again': state => {
    state.databaseLock = 'writes'
  },
  '386-register.empty_object_again': state => {
    state.databaseLock = 'none'
  },
}

function empty(state: NezhaState): void {
  for (const id of [...state.servers.keys()]) state.remove(id)
  state.viewPassword = undefined
}

function addFirstServers(state: NezhaState): void {
  empty(state)
  state.add({id: 1, name: 'web1', tag: 'Production', displayIndex: 3})
  state.add({id: 2, name: 'db-1', tag: 'Production'})
  state.add({id: 3, name: '节点三', tag: '香港', displayIndex: 10})
  state.add({id: 4, name: 'hidden1', tag: 'Hidden', displayIndex: -5, hidden: true})
  state.add({id: 5, name: 'offline-1', tag: '香港'})
  state.add({id: 6, name: 'old-1', tag: ''})
  state.monitors.clear()
  state.addMonitor({name: 'tcp-up', type: 'tcp'})
  state.addMonitor({name: 'tcp-refused', type: 'tcp'})
  state.addMonitor({name: '本机 ping'})
  state.addMonitor({name: 'http', type: 'http'})
}

function makeBig(state: NezhaState): void {
  empty(state)
  const details = recordings.find(({id}) => id === '355-big.details_500')?.response.json?.result
  const elements = (details ?? []) as Element[]
  for (let id = 1; id <= 500; id++) {
    const known = elements.find(element => element.id === id)
    state.add({
      id,
      name: `node-${String(id).padStart(3, '0')}`,
      tag: `group-${id % 10}`,
      displayIndex: known?.display_index ?? 0,
      hidden: known?.hide_for_guest ?? false,
    })
  }
}

/** Servers whose register or creation is not among the recordings; the recorded answers tell of them. */
function addUnrecorded(state: NezhaState, elements: readonly Element[]): void {
  for (const {id, name, tag, display_index, hide_for_guest} of elements) {
    if (state.servers.has(id)) continue
    unrecorded.add(`${id} ${name}`)
    state.add({id, name, tag, displayIndex: display_index, hidden: hide_for_guest})
  }
}

const unrecorded = new Set<string>()

/** What the agents had reported by the time of a recorded answer. */
function loadReports(state: NezhaState, elements: readonly Element[]): void {
  for (const element of elements) {
    const {id, last_active: lastActive, ipv4, ipv6, host = emptyHost, status = emptyStatus} = element
    // JSON.parse lost the last digits of the wrapped counters; nezha.test.ts has them.
    state.update(id, {agent: {kind: 'frozen', host, status, lastActive, ipv4, ipv6}})
  }
}

let clock = 1_795_250_520_000

function loadHistory(state: NezhaState, monitors: readonly MonitorElement[]): void {
  const newest = Math.max(...monitors.flatMap(monitor => monitor.created_at))
  clock = newest + 60_000
  for (const {monitor_id, server_id, created_at, avg_delay} of monitors) {
    const rows = created_at.map((at, index) => ({at: at + index, delayMs: avg_delay[index] ?? 0}))
    // Rows of the day before and rows out of order are there as well, and must not show.
    state.setPings(server_id, monitor_id, [{at: clock - day - 1, delayMs: 9}, ...rows.reverse()])
  }
}

function bodyBytes(body: string | null): Buffer | null {
  // The recorder kept bytes that are no UTF-8 as one character each.
  return body === null ? null : Buffer.from(body, /[^\0-\xff]/.test(body) ? 'utf8' : 'latin1')
}

function requestHeaders(recording: Recording, state: NezhaState): RecordedHeaders {
  const {Cookie, ...headers} = recording.request.headers
  if (Cookie === undefined) return headers
  // The recorded value is a bcrypt hash, of which the sandbox has only the looks.
  const ours = encodeURIComponent(state.viewPasswordCookie() ?? '')
  return {...headers, Cookie: String(Cookie).replace(/-vp=%24.*/, `-vp=${ours}`)}
}

/** An unfiltered answer comes in random order. */
function isUnfiltered(path: string): boolean {
  const target = parseTarget(path)
  if (!target || target.query.get('tag')) return false
  return target.path.endsWith('/list') || (target.path.endsWith('/details') && !target.query.get('id'))
}

function comparable({request}: Recording, text: string): string {
  const json = JSON.parse(text)
  if (isUnfiltered(request.path)) json.result?.sort((one: Element, other: Element) => one.id - other.id)
  return JSON.stringify(json)
}

function expectSame(recording: Recording, answer: RawAnswer): void {
  const {response} = recording
  expect(answer.status).toBe(response.status)
  expect(answer.headers['content-type'] ?? null).toBe(response.content_type)
  for (const [name, value] of Object.entries(response.headers)) {
    expect(answer.headers[name.toLowerCase()], name).toBe(value)
  }
  if (!response.headers['Transfer-Encoding']) expect(answer.headers).not.toHaveProperty('transfer-encoding')
  if (response.raw !== undefined) {
    const secret = /"[0-9A-Za-z]{18}"/
    expect(answer.body.replace(secret, '"SECRET"')).toBe(response.raw.replace(secret, '"SECRET"'))
  } else if (response.json && response.truncated) {
    const all: Element[] = JSON.parse(answer.body).result
    expect(all.length).toBe(500)
    for (const element of response.json.result ?? []) {
      expect(JSON.stringify(all.find(({id}) => id === (element as Element).id))).toBe(JSON.stringify(element))
    }
  } else if (response.json) {
    expect(comparable(recording, answer.body)).toBe(comparable(recording, JSON.stringify(response.json)))
  } else if (response.content_type?.startsWith('text/html') && response.status === 404) {
    if (recording.request.method === 'HEAD') expect(answer.body).toBe('')
    else expectSamePage(response, answer.body)
  } else expect(answer.body).toBe(response.text ?? '')
}

/** The markup differs, what it says to a client does not. */
function expectSamePage({text = '', contains = []}: Recording['response'], page: string): void {
  for (const phrase of [...contains, '该页面内容可能已着陆火星']) expect(page).toContain(phrase)
  const footer = (html: string) =>
    /Powered by .*/.exec(html.replaceAll(/<[^>]*>/g, '').replaceAll(/\s+/g, ' '))?.[0]
  const version = /Powered by (?:哪吒监控|Nezha Monitoring) 0\.20\.13/
  if (text.includes('</html>'))
    expect(version.exec(footer(page) ?? '')?.[0]).toBe(version.exec(footer(text) ?? '')?.[0])
}

describe('recordings of v0.20.13', () => {
  const tally = new Tally()
  let dashboards: Record<'zh-CN' | 'en-US', NezhaSandbox>

  beforeAll(async () => {
    const options = {token, cookie, world: 'empty', now: () => clock} as const
    dashboards = {
      'zh-CN': await startNezha(options),
      'en-US': await startNezha(options),
    }
    Object.assign(dashboards['en-US'].state, {language: 'en-US', brand: 'My "Probe" & Co'})
    for (const {state} of Object.values(dashboards))
      state.sessions.set('3xp1redCookieTokenOfTheAdmin0002', clock - 1)
  })

  afterAll(async () => {
    await Promise.all(Object.values(dashboards).map(dashboard => dashboard.close()))
    tally.report(
      'nezha v0.20.13',
      `  servers taken from answers because their register is not recorded: ${[...unrecorded].join(', ')}\n`,
    )
  })

  for (const recording of recordings) {
    const {id, request, response} = recording
    const reason = reasonToSkip(recording)
    test.runIf(reason === undefined)(id, async () => {
      const {port, state} = dashboards[id.endsWith('en.path_404') ? 'en-US' : 'zh-CN']
      applyEvents(id, state)
      const elements = response.json?.result ?? []
      if (request.path.includes('/monitor/')) {
        if (elements.length > 0) loadHistory(state, elements as MonitorElement[])
      } else {
        addUnrecorded(state, elements as Element[])
        loadReports(state, elements as Element[])
      }
      const headers = requestHeaders(recording, state)
      const answer = await rawRequest(port, {...request, headers, body: bodyBytes(request.body)})
      tally.replayed++
      expectSame(recording, answer)
    })
    if (reason !== undefined) tally.leaveOut(reason, recording)
  }

  let applied = 0

  /** Those of skipped recordings count too: the dashboard lived through them. */
  function applyEvents(id: string, state: NezhaState): void {
    const until = recordings.findIndex(recording => recording.id === id) + 1
    for (const passed of recordings.slice(applied, until)) events[passed.id]?.(state)
    applied = until
  }
})

test('never active is what the dashboard says', () => expect(neverActive).toBe(-62_135_596_800))
