import {readdirSync} from 'node:fs'
import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {exitCodes} from '../../src/lib/errors.js'
import {cli} from '../harness.js'
import {
  bodyOf,
  fixtureFolder,
  headerOf,
  liveFiles,
  parsed,
  type HttpRecording as Recording,
  readRecordings,
  Tally,
  targetOf,
} from '../recordings.js'
import {type Answer, type ReplayServer, startReplayServer} from '../replay-server.js'

/**
 * Every recorded answer of the client's four routes goes through the program, from the command line to the exit code: as the
 * command that asks for it where there is one, else through `api`. What has to come out follows from the recording
 * and the rules of contracts/nezha.md part 1 and design §4.
 */

interface Row {
  readonly id: number
}

const emptyList: Answer = {json: {code: 0, message: 'success', result: []}}

const routes = /^\/api\/v1\/(server\/(list|details|register)|monitor\/[^/]+)\/?$/

/** Why a recording cannot be replayed. */
function reasonToSkip(recording: Recording): string | undefined {
  const {request, response} = recording
  const url = targetOf(recording)
  if (response.frames !== undefined || url.pathname === '/ws') return 'WebSocket of the web page'
  if (!routes.test(url.pathname) || /\/\/|\/\.\./.test(request.path)) {
    return 'another route than those of the client'
  }
  if (response.status === 0) return 'no answer at all'
  if (request.method === 'OPTIONS') return 'a method that no command sends'
  if (request.body !== null && request.body !== '' && parsed(request.body) === undefined) {
    return 'a body that is not JSON, which the client cannot send'
  }
  if (typeof parsed(bodyOf(recording)) === 'string' && response.status === 200) {
    return 'the answer of simple mode, which the client never asks for'
  }
  return undefined
}

type Command = readonly string[]

/** The command whose request the recorded one is. */
function commandFor({request, ...rest}: Recording): Command | undefined {
  const url = targetOf({request, ...rest})
  const {method, body} = request
  const tag = url.searchParams.get('tag')
  const id = url.searchParams.get('id')
  const names = [...url.searchParams.keys()]
  const bare = names.length === 0
  if (method === 'GET' && url.pathname.endsWith('/list')) {
    if (bare) return ['nezha', 'server', 'list']
    if (tag && names.length === 1) return ['nezha', 'server', 'list', '--tag', tag]
  }
  if (method === 'GET' && url.pathname.endsWith('/details')) {
    if (bare) return ['nezha', 'server', 'details']
    if (names.length > 1) return undefined
    if (tag) return ['nezha', 'server', 'details', '--tag', tag]
    const ids = id?.split(',') ?? []
    const valid = ids.length > 0 && ids.every(one => /^[1-9]\d{0,14}$/.test(one))
    if (valid && new Set(ids).size === ids.length) return ['nezha', 'server', 'details', ...ids]
  }
  const monitored = /^\/api\/v1\/monitor\/([1-9]\d{0,14})$/.exec(url.pathname)
  if (method === 'GET' && monitored && bare) return ['nezha', 'monitor', 'show', monitored[1] ?? '']
  if (method === 'POST' && url.pathname.endsWith('/register') && bare)
    return registerCommand(parsed(body ?? ''))
  return undefined
}

function registerCommand(body: unknown): Command | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined
  const flags: string[] = []
  for (const [name, value] of Object.entries(body)) {
    if (name === 'HideForGuest' && (value === 'on' || value === 'off')) {
      flags.push(value === 'on' ? '--hide-for-guest' : '--no-hide-for-guest')
    } else if (/^(Name|Tag|Note)$/.test(name) && typeof value === 'string' && value !== '') {
      flags.push(`--${name.toLowerCase()}=${value}`)
    } else return undefined
  }
  return ['nezha', 'server', 'register', ...flags]
}

function apiCommand({request: {method, path, body}}: Recording): Command {
  // `--input` gives the body as it was recorded; an empty one is none.
  return ['nezha', 'api', method, path, ...(body ? ['--input', '-'] : [])]
}

interface Expected {
  readonly exitCode: number
  /** What `-o json` prints; `undefined` where stdout stays empty. */
  readonly data?: unknown
}

function expectedOf(recording: Recording, command: Command): Expected {
  const {request, response} = recording
  // A token in quotation marks is named before it is sent.
  if (/^["']/.test(credentials(recording).NEZHA_TOKEN ?? '')) return {exitCode: exitCodes.USAGE}
  const reads = request.method === 'GET' || request.method === 'HEAD'
  const {status} = response
  if (status >= 500) return {exitCode: reads ? exitCodes.UNREACHABLE : exitCodes.UNCERTAIN}
  if (status >= 300) {
    // Only GET is followed, to where there is an empty list; then it is as if that had been the answer.
    if (status < 400) return reads ? {exitCode: 0, data: []} : {exitCode: exitCodes.BAD_RESPONSE}
  }
  const isJson = response.content_type?.startsWith('application/json') ?? false
  const answer = isJson ? parsed(bodyOf(recording)) : undefined
  if (typeof answer !== 'object' || answer === null) return {exitCode: exitCodes.BAD_RESPONSE}
  const {code, result = answer} = answer as {code: number; result?: unknown}
  if (code === 403) return {exitCode: exitCodes.AUTH}
  if (code === 404) return {exitCode: exitCodes.NOT_FOUND}
  if (code !== 0 && code !== 200) return {exitCode: exitCodes.REJECTED}
  return command[1] === 'api' ? {exitCode: 0, data: result} : dataOf(result, command, request.body)
}

/** What a command makes of the data: a stable order, an array always, and a verdict on ids that are missing. */
function dataOf(result: unknown, [, noun, verb, ...args]: Command, body: string | null): Expected {
  if (noun === 'monitor') return {exitCode: 0, data: result ?? []}
  if (verb === 'register') {
    const {secret} = result as {secret: string}
    return {exitCode: 0, data: {secret, ...(parsed(body ?? '') as object)}}
  }
  const rows = result as Row[]
  const ids = args.filter(arg => /^\d+$/.test(arg))
  // By id, as the servers of a tag come in an order of their own; those that were asked for as they were asked for.
  if (ids.length === 0) return {exitCode: 0, data: rows.toSorted((one, other) => one.id - other.id)}
  if (rows.length === 0) return {exitCode: exitCodes.NOT_FOUND}
  const missing = ids.filter(id => !rows.some(row => String(row.id) === id))
  return {exitCode: missing.length > 0 ? exitCodes.PARTIAL : 0, data: rows}
}

/** The variables that make the client send the recorded credentials; bare ones, as it refuses a scheme before them. */
function credentials({request}: Recording): Record<string, string> {
  const [token, cookie] = ['authorization', 'cookie'].map(name => headerOf(request.headers, name))
  if (token) return {NEZHA_TOKEN: token.replace(/^(Bearer|Token) /i, '')}
  return cookie ? {NEZHA_COOKIE: cookie} : {}
}

let server: ReplayServer

beforeAll(async () => {
  server = await startReplayServer()
})
afterAll(() => server.stop())
beforeEach(() => {
  server.requests.length = 0
})

/** One recording is the answer to everything; where a redirect leads, there is an empty list. */
function run(recording: Recording, command: Command) {
  const {status, content_type, headers} = recording.response
  const answer: Answer = {
    status,
    text: bodyOf(recording),
    headers: Object.fromEntries(
      Object.entries(headers).filter(
        ([name]) => !/^(transfer-encoding|content-length|connection)$/i.test(name),
      ),
    ),
    ...(content_type === null ? {} : {type: content_type}),
  }
  const isRedirect = status >= 300 && status < 400
  server.otherwise = () => (isRedirect && server.requests.length > 1 ? emptyList : answer)
  const env = {NEZHA_DASHBOARD_URL: server.url, ...credentials(recording)}
  const {body} = recording.request
  return cli([...command, '-o', 'json', '--retries', '0'], {env, ...(body ? {stdin: body} : {})})
}

const live = liveFiles('nezha').filter(file => file.startsWith('live-0.'))

describe.each(['v0.20.13.jsonl', ...live])('%s', file => {
  const recordings = readRecordings<Recording>('nezha', file)
  const tally = new Tally()

  for (const recording of recordings) {
    const reason = reasonToSkip(recording)
    if (reason !== undefined) {
      tally.leaveOut(reason, recording)
      continue
    }
    const command = commandFor(recording) ?? apiCommand(recording)
    test(`${recording.id} as ${command.slice(1, 3).join(' ')}`, async () => {
      const outcome = await run(recording, command)
      tally.replayed++
      const expected = expectedOf(recording, command)
      expect(outcome, outcome.stderr).toMatchObject({exitCode: expected.exitCode})
      if (expected.data === undefined) expect(outcome.stdout).toBe('')
      else expect(JSON.parse(outcome.stdout)).toEqual(expected.data)
      if (expected.exitCode !== 0) {
        expect(JSON.parse(outcome.stderr)).toMatchObject({error: {exitCode: expected.exitCode}})
      }
      if (expected.exitCode === exitCodes.USAGE) expect(server.requests).toEqual([])
      else expectSameRequest(recording)
    })
  }

  /** What was recorded is what the client asks for. */
  function expectSameRequest(recording: Recording): void {
    const [sent] = server.requests
    const {method} = recording.request
    const url = targetOf(recording)
    const asked = new URL(sent?.path ?? '', 'http://panel')
    expect(sent?.method).toBe(method)
    expect(asked.pathname).toBe(url.pathname)
    expect([...asked.searchParams]).toEqual([...url.searchParams])
    const {NEZHA_TOKEN: token, NEZHA_COOKIE: cookie} = credentials(recording)
    expect(sent?.headers.authorization).toBe(token)
    expect(sent?.headers.cookie).toBe(cookie)
    if (method !== 'GET') expect(server.requests.length).toBe(1)
  }

  test('nothing is left out unseen', () => {
    tally.report(file)
    // How much a live run records depends on the dashboard's servers, what of it is skipped does not.
    const expected = live.includes(file)
      ? {replayed: recordings.length - 4, skipped: 4}
      : {replayed: 241, skipped: 82}
    expect(tally.counts).toEqual(expected)
  })
})

const newer = readdirSync(fixtureFolder('nezha')).filter(file => /^(v|live-)[12]\./.test(file))

describe.each(newer)('%s through api', file => {
  const all = readRecordings('nezha', file).filter(recording => 'request' in recording)
  // Neither WebSockets nor redirects, which only lead elsewhere, nor what no command sends.
  const recordings = all.filter(
    ({request, response}) =>
      response.content_type !== null &&
      !(response.status >= 300 && response.status < 400) &&
      /^(GET|POST|PATCH|DELETE)$/.test(request.method) &&
      (request.body === null || request.body === '' || parsed(request.body) !== undefined),
  )

  /** What `api` makes of an answer of v1 or v2, by contracts/nezha.md 3.0, 3.1, 3.11 and design §4. */
  function expectedOfNewer({request: {method, path}, response}: Recording, body: string): Expected {
    const reads = method === 'GET'
    const {status} = response
    if (status >= 500 || status === 429)
      return {exitCode: exitCodes[reads || status === 429 ? 'UNREACHABLE' : 'UNCERTAIN']}
    if (/nezha WAF/i.test(body)) return {exitCode: exitCodes.AUTH}
    // 3.5, where the header was recorded.
    if (headerOf(response.headers, 'sec-websocket-version') !== undefined)
      return {exitCode: exitCodes.REJECTED}
    const isJson = response.content_type?.startsWith('application/json') ?? false
    const answer = isJson ? parsed(body) : undefined
    if (typeof answer !== 'object' || answer === null) {
      const isLost = !reads && status < 300
      return {exitCode: isLost ? exitCodes.UNCERTAIN : exitCodes.BAD_RESPONSE}
    }
    const {success, data = null, error, jsonrpc, result, code} = answer as Record<string, unknown>
    // v0 and its words are the other half of this file.
    if (code !== undefined) return {exitCode: exitCodes.BAD_RESPONSE}
    if (jsonrpc === '2.0') {
      if (error === undefined) return {exitCode: 0, data: result}
      return {exitCode: status === 401 ? exitCodes.AUTH : exitCodes.REJECTED}
    }
    if (success === true) return {exitCode: 0, data}
    if (/^ApiError/.test(String(error))) return {exitCode: exitCodes.AUTH}
    // 3.4
    if (/only 1d data available for guests/.test(String(error))) return {exitCode: exitCodes.AUTH}
    // 3.11
    if (path === '/mcp' && status === 405) return {exitCode: exitCodes.REJECTED}
    const isUntaken = /^(404 Not Found|real ip header not found)$/.test(String(error))
    if (isUntaken || status !== 200) return {exitCode: exitCodes.BAD_RESPONSE}
    if (/\/(server\/\d+\/(service|metrics)|service\/\d+(\/history)?)(\?|$)/.test(path))
      return {exitCode: exitCodes.NOT_FOUND}
    // The words are those of an agent.
    const isOfPanel = reads && !path.startsWith('/api/v1/server/config/')
    return {exitCode: isOfPanel ? exitCodes.BAD_RESPONSE : exitCodes.REJECTED}
  }

  for (const recording of recordings) {
    test(recording.id, async () => {
      const outcome = await run(recording, [...apiCommand(recording), '--show-secrets'])
      const expected = expectedOfNewer(recording, bodyOf(recording))
      expect(outcome, outcome.stderr).toMatchObject({exitCode: expected.exitCode})
      if (expected.data === undefined) expect(outcome.stdout).toBe('')
      else expect(JSON.parse(outcome.stdout)).toEqual(expected.data)
    })
  }

  test('most of them are replayed', () => {
    expect(recordings.length).toBeGreaterThan(all.length * 0.9)
  })
})
