import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {exitCodes} from '../../src/lib/errors.js'
import {cli, type Outcome, temporaryFolder} from '../harness.js'
import {
  bodyOf,
  type HttpRecording,
  headerOf,
  liveFiles,
  parsed,
  type RecordedHeaders,
  type Recording,
  readRecordings,
  type SocketRecording,
  Tally,
  targetOf,
} from '../recordings.js'
import type {Answer} from '../replay-server.js'
import {type KomariServer, node, startKomariServer} from './komari-answers.js'

/**
 * Every recorded answer of three versions, and of what administrators do, goes through the program, from the command line
 * to the exit code: as the command that asks for it where there is one, else through `api`. What has to come out follows
 * from the recording and the rules of contracts/komari.md and design §4.
 */

type Json = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Why a recording cannot be replayed. */
function reasonToSkip(recording: Recording): string | undefined {
  if ('websocket' in recording) {
    const {pathname} = new URL(recording.websocket.path, 'http://panel')
    if (!/^\/api\/clients\/?$/.test(pathname)) return 'a WebSocket that no command opens'
    const {status} = recording.handshake
    const answered = recording.frames.some(({recv}) => recv !== undefined)
    return status === 101 && !answered ? 'no frame was asked for' : undefined
  }
  const {method, body, path} = recording.request
  if (method === 'OPTIONS') return 'a method that no command sends'
  if (path.includes('#')) return 'an address that no command sends'
  if (body !== null && method === 'GET') return 'a body with GET, which no command sends'
  if (body !== null && body !== '' && parsed(body) === undefined) {
    return 'a body that is not JSON, which the client cannot send'
  }
  return undefined
}

type Command = readonly string[]

const uuid = /^[0-9a-f]{8}-[0-9a-f-]{27}$/
const loadTypes = 'all cpu ram swap load temp disk network process connections'.split(' ')

/** Whether a query has these names only, each with a value that the flag takes. */
function flagsOf(
  url: URL,
  flags: Readonly<Record<string, {flag: string; takes: RegExp}>>,
): string[] | undefined {
  const words: string[] = []
  for (const [name, value] of url.searchParams) {
    const known = flags[name]
    if (!known?.takes.test(value)) return undefined
    if (known.flag !== '') words.push(known.flag)
    words.push(value)
  }
  return words
}

const hours = {flag: '--hours', takes: /^[1-9]\d{0,5}$/}

/** The command whose request the recorded one is. */
function commandFor(recording: HttpRecording): Command | undefined {
  const {method, body, headers} = recording.request
  const url = targetOf(recording)
  const bare = url.search === ''
  const document = parsed(body)
  const isGet = method === 'GET' && body === null
  const recent = /^\/api\/recent\/([^/]+)$/.exec(url.pathname)?.[1]
  if (isGet && bare) {
    const simple: Readonly<Record<string, Command>> = {
      '/api/me': ['me'],
      '/api/public': ['site'],
      '/api/version': ['version'],
      '/api/nodes': ['node', 'list'],
      '/api/oauth': ['oauth'],
    }
    const words = simple[url.pathname]
    if (words) return ['komari', ...words]
    if (recent && uuid.test(recent)) return ['komari', 'node', 'recent', recent]
    if (url.pathname === '/api/logout' && /session_token/.test(headerOf(headers, 'cookie') ?? ''))
      return ['komari', 'logout']
  }
  if (isGet && url.pathname === '/api/records/load' && uuid.test(url.searchParams.get('uuid') ?? '')) {
    const takes = new RegExp(`^(${loadTypes.join('|')})$`)
    const words = flagsOf(url, {uuid: {flag: '', takes: uuid}, hours, load_type: {flag: '--type', takes}})
    if (words) return ['komari', 'records', 'load', ...words]
  }
  if (isGet && url.pathname === '/api/records/ping' && !bare) {
    const task_id = {flag: '--task', takes: /^[1-9]\d*$/}
    const words = flagsOf(url, {uuid: {flag: '', takes: uuid}, task_id, hours})
    if (words && (url.searchParams.has('uuid') || url.searchParams.has('task_id'))) {
      return ['komari', 'records', 'ping', ...words]
    }
  }
  if (method === 'POST' && url.pathname === '/api/login' && isObject(document)) {
    const {username, password, '2fa_code': otp, ...rest} = document
    const texts = [username, password, otp ?? 'x'].every(text => typeof text === 'string' && text !== '')
    if (texts && otp !== null && Object.keys(rest).length === 0) {
      return ['komari', 'login', '--username', String(username), ...(otp ? ['--otp', String(otp)] : [])]
    }
  }
  if (method === 'POST' && url.pathname === '/api/rpc2' && bare) {
    if (isObject(document) && document.jsonrpc === '2.0' && document.method && document.id === 1) {
      const params = document.params === undefined ? [] : [JSON.stringify(document.params)]
      return ['komari', 'rpc', String(document.method), ...params]
    }
    const calls = Array.isArray(document) && document.length > 0 ? document : [undefined]
    const whole = calls.every(call => isObject(call) && call.jsonrpc === '2.0' && call.method && call.id)
    if (whole) return ['komari', 'rpc', '--input', '-']
  }
  return undefined
}

function apiCommand({request: {method, path, body}}: HttpRecording): Command {
  return ['komari', 'api', method, path, ...(body ? ['--input', '-'] : [])]
}

interface Expected {
  readonly exitCode: number
  /** What `-o json` prints; `undefined` where stdout stays empty. */
  readonly data?: unknown
}

function rpcExit(error: unknown): number {
  const code = isObject(error) ? error.code : undefined
  if (code === 401 || code === -32041 || code === -32040) return exitCodes.AUTH
  return code === -32044 ? exitCodes.NOT_FOUND : exitCodes.REJECTED
}

const afterRedirect = {status: 'success', message: '', data: ['redirected']}

/** What an answer means, whichever command asked for it (contracts/komari.md 0.4). */
function meaningOf(
  status: number,
  answer: unknown,
  {method, reads}: {method: string; reads: boolean},
): Expected {
  if (status >= 500) return {exitCode: reads ? exitCodes.UNREACHABLE : exitCodes.UNCERTAIN}
  if (status >= 300 && status < 400) {
    return method === 'GET' ? {exitCode: 0, data: afterRedirect.data} : {exitCode: exitCodes.BAD_RESPONSE}
  }
  if (answer === undefined) {
    if (status < 300 && !reads) return {exitCode: exitCodes.UNCERTAIN}
    return {exitCode: status === 401 ? exitCodes.AUTH : exitCodes.BAD_RESPONSE}
  }
  if (!isObject(answer)) return {exitCode: 0, data: answer}
  if (answer.jsonrpc === '2.0') {
    return answer.error === undefined
      ? {exitCode: 0, data: answer.result ?? null}
      : {exitCode: rpcExit(answer.error)}
  }
  if (status >= 400 || answer.status === 'error') {
    if (status === 401) return {exitCode: exitCodes.AUTH}
    const mode = /^Not found in \w+ mode$/.test(String(answer.message))
    if (status === 404) return {exitCode: mode ? exitCodes.BAD_RESPONSE : exitCodes.NOT_FOUND}
    return {exitCode: exitCodes.REJECTED}
  }
  if (answer.status !== 'success') return {exitCode: 0, data: answer}
  const {status: _state, message: _message, 'message:': _typo, data, ...flat} = answer
  if (Object.keys(flat).length === 0) return {exitCode: 0, data: data ?? null}
  return {exitCode: 0, data: data === undefined ? flat : {...flat, data}}
}

/** What a command makes of the data. */
const shaped: Readonly<Record<string, (data: never, recording: HttpRecording) => unknown>> = {
  'node list': (nodes: {weight: number; name: string; uuid: string}[]) =>
    nodes.toSorted(
      (one, other) =>
        one.weight - other.weight || (one.name < other.name ? -1 : one.name > other.name ? 1 : 0),
    ),
  // 1.1.8 and 1.2.5-fix1 send them in no order.
  'node recent': (reports: {updated_at: string}[] | null) =>
    (reports ?? []).toSorted((one, other) => Date.parse(one.updated_at) - Date.parse(other.updated_at)),
  'records load': (history: Json) => ({...history, records: history.records ?? []}),
  'records ping': (history: Json) => ({
    ...history,
    records: history.records ?? [],
    tasks: history.tasks ?? [],
  }),
}

function expectedOf(recording: HttpRecording, command: Command): Expected {
  const {request, response} = recording
  const isJson = response.content_type?.startsWith('application/json') ?? false
  const answer = isJson ? parsed(bodyOf(recording)) : undefined
  const {method} = request
  const words = command.slice(1, 3).join(' ')
  const rpc = command[1] === 'rpc'
  const reads = method === 'GET' || method === 'HEAD'
  const {status} = response
  if (command[1] === 'logout') return {exitCode: 0, data: {context: 'komari', changed: true}}
  if (command[1] === 'oauth' && status === 302) {
    const url = headerOf(response.headers, 'location')
    return {exitCode: 0, data: {url, start: `${server.url}/api/oauth`}}
  }
  if (rpc && Array.isArray(answer)) {
    const errors = answer.filter(({error}) => error !== undefined)
    if (errors.length === answer.length) return {exitCode: rpcExit(errors[0].error)}
    const data = answer.map(one => ('error' in one ? one : {...one, result: one.result ?? null}))
    return {exitCode: errors.length > 0 ? exitCodes.PARTIAL : 0, data}
  }
  const batch = rpc && Array.isArray(parsed(request.body))
  const readingCall = rpc && /"method": ?"(common|public|rpc)[:.]/.test(request.body ?? '')
  const meaning = meaningOf(status, answer, {method, reads: reads || readingCall})
  if (meaning.exitCode !== 0) return meaning
  if (batch && isObject(answer)) return {exitCode: 0, data: [{...answer, result: answer.result ?? null}]}
  if (command[1] === 'login') {
    return {
      exitCode: 0,
      data: {context: 'komari', panel: 'komari', url: server.url, store: 'file', changed: true},
    }
  }
  // A panel that does not know the credential answers as to a guest (0.2).
  const {KOMARI_SESSION_TOKEN: session} = credentials(recording.request.headers)
  if (command[1] === 'me' && session && isObject(meaning.data) && meaning.data.logged_in === false)
    return {exitCode: exitCodes.AUTH}
  const {records, tasks} = (meaning.data ?? {}) as {records?: unknown[]; tasks?: unknown[]}
  // Nothing at all is what the panel says of a task that there is not (1.10).
  const isUnknownTask = command.includes('--task') && !tasks?.length && !records?.length
  if (words === 'records ping' && isUnknownTask) return {exitCode: exitCodes.NOT_FOUND}
  const shape = shaped[words]
  return shape ? {exitCode: 0, data: shape(meaning.data as never, recording)} : meaning
}

/** The variables that make the client send the recorded credentials. */
function credentials(headers: RecordedHeaders): Record<string, string> {
  const key = /^Bearer (.+)$/.exec(headerOf(headers, 'authorization') ?? '')?.[1]
  const session = /session_token=([^;]+)/.exec(headerOf(headers, 'cookie') ?? '')?.[1]
  if (key) return {KOMARI_API_KEY: key}
  return session ? {KOMARI_SESSION_TOKEN: session} : {}
}

let server: KomariServer

beforeAll(async () => {
  server = await startKomariServer()
})
afterAll(() => server.stop())
beforeEach(() => {
  server.requests.length = 0
  server.handshakes.length = 0
  server.refusal = undefined
  for (const route of Object.keys(server.routes)) delete server.routes[route]
})

/** The recorded answer where it was asked for; whatever names a node finds one; where a redirect leads, there is a list. */
function serve(recording: HttpRecording, command: Command): void {
  const {request, response} = recording
  const named = command.find(word => uuid.test(word))
  const nodes = named === undefined ? [] : [node({uuid: named})]
  server.routes['GET /api/nodes'] = {json: {status: 'success', message: '', data: nodes}}
  server.routes['GET /'] = {json: afterRedirect}
  const answer: Answer = {
    status: response.status,
    text: bodyOf(recording),
    ...(response.content_type === null ? {} : {type: response.content_type}),
    headers: Object.fromEntries(
      Object.entries(response.headers).filter(([name]) => /^(location|set-cookie)$/i.test(name)),
    ),
  }
  const {pathname} = targetOf(recording)
  const location = headerOf(response.headers, 'location')
  if (location?.startsWith('/')) {
    server.routes[`${request.method} ${new URL(location, 'http://panel').pathname}`] = {json: afterRedirect}
  }
  if (command[1] !== 'me') server.routes['POST /api/rpc2'] = known
  server.routes[`${request.method} ${pathname}`] = request => (isCheck(request) ? known : answer)
}

/** The question that goes beside a request, and the answer for a credential that is good, as each of these was meant. */
const known = {json: {jsonrpc: '2.0', id: 'who-am-i', result: {logged_in: true, username: 'api_key'}}}

function isCheck({body}: {readonly body: string}): boolean {
  return body.includes('"who-am-i"')
}

async function run(recording: HttpRecording, command: Command): Promise<Outcome> {
  const {body, headers} = recording.request
  const {password} = (parsed(body) ?? {}) as {password?: string}
  const env = {KOMARI_URL: server.url, ...credentials(headers)}
  const words = [...command, '-o', 'json', '--retries', '0']
  if (command[1] === 'login') return cli(words, {env: {KOMARI_URL: server.url}, stdin: `${password}\n`})
  if (command[1] !== 'logout') return cli(words, {env, ...(body ? {stdin: body} : {})})
  const saved = {PANELCTL_CONFIG_DIR: temporaryFolder()}
  const {KOMARI_SESSION_TOKEN: stdin = ''} = env as Record<string, string>
  await cli(`komari login --url ${server.url} --with-session --no-check`, {env: saved, stdin})
  return cli(words, {env: saved})
}

/** What was recorded is what the client asks for. */
function expectSameRequest(recording: HttpRecording, command: Command): void {
  const {method, body, headers} = recording.request
  const url = targetOf(recording)
  const sent = server.requests.find(seen => {
    const {pathname} = new URL(seen.path, 'http://panel')
    return seen.method === method && pathname === url.pathname && !isCheck(seen)
  })
  expect(sent, server.requests.map(({path}) => path).join(' ')).toBeDefined()
  const query = (search: URLSearchParams) => [...search].toSorted()
  expect(query(new URL(sent?.path ?? '', 'http://panel').searchParams)).toEqual(query(url.searchParams))
  if (command[1] !== 'login') {
    const {KOMARI_API_KEY: key, KOMARI_SESSION_TOKEN: session} = credentials(headers)
    expect(sent?.headers.authorization).toBe(key && `Bearer ${key}`)
    expect(sent?.headers.cookie).toBe(session && `session_token=${session}`)
  }
  const document = parsed(body)
  // A batch of one is answered as a single call, and goes out as one (2.1).
  const single = command[1] === 'rpc' && Array.isArray(document) && document.length === 1
  if (method !== 'GET' && body) expect(parsed(sent?.body ?? '')).toEqual(single ? document[0] : document)
  expect(sent?.headers).not.toHaveProperty('origin')
  if (method !== 'GET') expect(server.requests.filter(seen => !isCheck(seen))).toHaveLength(1)
}

function statusExpected({handshake, frames}: SocketRecording): Expected & {uuids: string[]} {
  const uuids: string[] = []
  if (handshake.status !== 101) {
    const answer = parsed(handshake.body ?? '')
    const {exitCode} = meaningOf(handshake.status, answer, {method: 'WS', reads: true})
    return {exitCode, uuids}
  }
  const answer = parsed(frames.find(({recv}) => recv !== undefined)?.recv ?? '') as {
    error?: string
    data: {online: string[]; data: Record<string, object>}
  }
  if (answer.error !== undefined) return {exitCode: exitCodes.REJECTED, uuids}
  const {online, data} = answer.data
  uuids.push(...new Set([...online, ...Object.keys(data)]))
  return {
    exitCode: 0,
    uuids,
    data: [
      ...uuids.toSorted().map(uuid => ({uuid, name: 'n', online: online.includes(uuid), ...data[uuid]})),
      {uuid: 'silent', name: 'z', online: null},
    ],
  }
}

const counts: Readonly<Record<string, Tally['counts']>> = {
  'v1.4.3.jsonl': {replayed: 569, skipped: 21},
  'v1.4.3-admin.jsonl': {replayed: 179, skipped: 1},
  'v1.4.3-operate.jsonl': {replayed: 222, skipped: 13},
  'v1.2.5-fix1.jsonl': {replayed: 149, skipped: 3},
  'v1.1.8.jsonl': {replayed: 155, skipped: 2},
}

describe.each([...Object.keys(counts), ...liveFiles('komari')])('%s', file => {
  const tally = new Tally()
  const recordings = readRecordings('komari', file)

  for (const recording of recordings) {
    const reason = reasonToSkip(recording)
    if (reason !== undefined) {
      tally.leaveOut(reason, recording)
      continue
    }
    if ('websocket' in recording) {
      test(`${recording.id} as node status`, async () => {
        const {handshake, websocket, frames} = recording
        const {uuids, ...expected} = statusExpected(recording)
        const nodes = uuids.map(uuid => node({uuid, name: 'n'}))
        const silent = node({uuid: 'silent', name: 'z'})
        server.routes['GET /api/nodes'] = {json: {status: 'success', message: '', data: [silent, ...nodes]}}
        server.routes['POST /api/rpc2'] = known
        server.feed = () => frames.find(({recv}) => recv !== undefined)?.recv
        if (handshake.status !== 101) {
          const type = headerOf(handshake.headers, 'content-type') ?? 'text/plain'
          server.refusal = {status: handshake.status, text: handshake.body ?? '', type}
        }
        const env = {KOMARI_URL: server.url, ...credentials(websocket.headers)}
        const outcome = await cli('komari node status -o json --retries 0', {env})
        tally.replayed++
        expect(outcome, outcome.stderr).toMatchObject({exitCode: expected.exitCode})
        if (expected.data === undefined) expect(outcome.stdout).toBe('')
        else expect(JSON.parse(outcome.stdout)).toEqual(expected.data)
        expect(server.handshakes.map(({headers: {origin}}) => origin)).toEqual([server.url])
      })
      continue
    }
    const command = commandFor(recording) ?? apiCommand(recording)
    test(`${recording.id} as ${command.slice(1, 3).join(' ')}`, async () => {
      serve(recording, command)
      const outcome = await run(recording, command)
      tally.replayed++
      const expected = expectedOf(recording, command)
      expect(outcome, outcome.stderr).toMatchObject({exitCode: expected.exitCode})
      if (expected.data === undefined) expect(outcome.stdout).toBe('')
      else expect(JSON.parse(outcome.stdout)).toEqual(expected.data)
      if (expected.exitCode !== 0) {
        expect(JSON.parse(outcome.stderr.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
          error: {exitCode: expected.exitCode},
        })
      }
      expectSameRequest(recording, command)
    })
  }

  test('nothing is left out unseen', () => {
    tally.report(file)
    // How much a live run records depends on the panel's nodes; all of it can be replayed.
    expect(tally.counts).toEqual(counts[file] ?? {replayed: recordings.length, skipped: 0})
  })
})
