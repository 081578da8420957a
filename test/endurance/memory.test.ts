import {createServer, request as httpRequest} from 'node:http'
import type {AddressInfo} from 'node:net'
import {afterAll, describe, expect, onTestFinished, test} from 'vitest'
import type {Listening} from '../emulated.js'
import {
  cli,
  commandIds,
  dashboardSandbox,
  komariSandbox,
  loadCommand,
  openidcsSandbox,
  temporaryFolder,
  words,
} from '../harness.js'
import {type Memory, measured} from './memory.js'
import {printTable} from './table.js'

// `npm run endurance -- --updates 10000 --polls 2000` says otherwise.
const updates = Number(process.env.ENDURANCE_UPDATES ?? 400)
const polls = Number(process.env.ENDURANCE_POLLS ?? 0)

/**
 * Bytes that may stay for each line: what Node keeps for itself comes and goes by some ten kilobytes, which weighs less the
 * longer it runs. A row that stays of each line is hundreds of bytes.
 */
const limitOf = (lines: number) => Math.max(8, 48_000 / lines)

const measurements: [string, Memory][] = []

function judge(line: string, memory: Memory, lines: number): void {
  measurements.push([line, memory])
  expect(memory, memory.stderr).toMatchObject({exitCode: 130})
  expect(memory.lines).toBeGreaterThanOrEqual(lines)
  expect(memory.samples.length).toBeGreaterThan(30)
  expect(memory.slope, JSON.stringify(memory.samples)).toBeLessThan(limitOf(lines))
}

afterAll(() => {
  if (measurements.length === 0) return
  const rows = measurements.map(([line, {lines, seconds, slope, peak, samples}]) => [
    line,
    lines,
    `${seconds.toFixed(1)} s`,
    `${slope.toFixed(1)} B`,
    `${((samples.at(-1)?.live ?? 0) / 2 ** 20).toFixed(1)} MiB`,
    `${(peak / 2 ** 20).toFixed(0)} MiB`,
    slope < limitOf(lines) ? 'flat' : 'GROWS',
  ])
  printTable([['COMMAND', 'LINES', 'TIME', 'A LINE', 'LIVE', 'RSS', ''], ...rows])
})

/** A proxy that knows no WebSockets: it hands the upgrade on as an ordinary request. */
async function withoutWebSockets(url: string): Promise<string> {
  const proxy = createServer((request, response) => {
    const {upgrade: _upgrade, connection: _connection, ...headers} = request.headers
    const onwards = httpRequest(new URL(request.url ?? '/', url), {method: request.method ?? 'GET', headers})
    onwards.on('response', answer => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    request.pipe(onwards)
  })
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    proxy.closeAllConnections()
    proxy.close()
  })
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
}

/** On a busy machine a collection comes late, and looks like growth: what grows does so each time. */
const patience = {timeout: 3_600_000, retry: 2}

interface Followed {
  readonly line: string
  readonly variable: string
  /** Where its WebSocket is asked for. */
  readonly feed: string
  readonly inItsPlace: string
  start(): Promise<
    Pick<Listening, 'url' | 'requests'> & {readonly environment: Readonly<Record<string, string>>}
  >
}

const followed: readonly Followed[] = [
  {
    line: 'komari node status',
    variable: 'KOMARI_URL',
    feed: '/api/clients',
    inItsPlace: 'asked over RPC2 instead',
    start: komariSandbox,
  },
  {
    line: 'nezha server status',
    variable: 'NEZHA_DASHBOARD_URL',
    feed: '/api/v1/ws/server',
    inItsPlace: 'the lists are asked instead',
    async start() {
      const dashboard = await dashboardSandbox()
      dashboard.state.feedEveryMs = 1
      return dashboard
    },
  },
]

describe.skipIf(process.platform === 'win32')(`${updates} updates of --follow`, () => {
  const cases = followed.flatMap(one => ['a WebSocket', 'polling'].map(way => [one.line, way, one] as const))
  test.each(cases)('of %s leave nothing in memory over %s', patience, async (start, way, one) => {
    const {environment, url, requests} = await one.start()
    const env =
      way === 'polling' ? {...environment, [one.variable]: await withoutWebSockets(url)} : environment
    const line = `${start} --follow --interval 1ms -o ndjson`
    const names = new Set<string>()
    const memory = await measured(words(line), env, updates, text => {
      const rows: {name: string}[] = JSON.parse(text)
      names.add(rows.map(({name}) => name).join())
    })
    judge(`${line} (${way})`, memory, updates)
    expect(names.size).toBe(1)
    if (way === 'polling') expect(memory.stderr).toContain(one.inItsPlace)
    else expect(memory.stderr).toBe('')
    expect(requests.filter(({path}) => path === one.feed)).toHaveLength(1)
  })
})

/** A command line that looks again and again, by the first of its examples that can. */
async function watchingLines(): Promise<string[]> {
  const lines = await Promise.all(
    commandIds.map(async id => {
      const {flags, examples} = await loadCommand(id)
      const example = examples
        .map(text =>
          (text.split(/ [|<>] ?/)[0] ?? '').replace(/ (-o \w+|--json|--watch|--interval \w+)/g, ''),
        )
        .find(text => !/--(chart|open|raw)\b/.test(text))
      return 'watch' in flags && example ? [`${example} --watch --interval 1ms -o ndjson`] : []
    }),
  )
  return lines.flat()
}

async function everything(): Promise<Record<string, string>> {
  const panels = await Promise.all([dashboardSandbox({mcp: true}), komariSandbox(), openidcsSandbox()])
  const folder = temporaryFolder()
  const env = {PANELCTL_CONFIG_DIR: folder}
  const [nezha] = panels
  for (const name of ['nezha', 'lab', 'prod']) {
    const login = `nezha login --url ${nezha.url} --context ${name} --with-token`
    expect(await cli(login, {env, stdin: nezha.environment.NEZHA_TOKEN ?? ''})).toMatchObject({exitCode: 0})
  }
  return Object.assign(env, ...panels.map(({environment}) => environment))
}

/** Short and long: each kind of look, and those that once kept what a look had left. */
const some = [
  'nezha server list',
  'komari node list',
  'openidcs vm list',
  'context list',
  'context check',
  'komari me',
  'komari node install-command',
]
/** What no sandbox has by that name: there is nothing to look at again and again. */
const absent = [
  ...['config get output', 'komari load-notification show busy', 'komari task show cloudflare'],
  ...['alert show busy', 'cron show backup', 'ddns show edge', 'nat show wiki', 'service show web'].map(
    line => `nezha ${line}`,
  ),
  ...['notification-group show oncall', 'notification show ops', 'user show ann', 'setting show'].map(
    line => `nezha ${line}`,
  ),
  ...['agent config show web1', 'server metrics web1', 'service history web'].map(line => `nezha ${line}`),
]
const watching = (await watchingLines()).filter(
  line =>
    !absent.some(start => line.startsWith(start)) &&
    (polls > 0 || some.some(start => line.startsWith(start))),
)

describe.skipIf(process.platform === 'win32')(`${polls || 200} polls of --watch`, () => {
  test.each(watching)('leave nothing in memory: %s', patience, async line => {
    const lines = polls || 200
    const memory = await measured(words(line), await everything(), lines, text => JSON.parse(text))
    judge(line, memory, lines)
    expect(memory.stderr).not.toContain('was accepted')
  })
})
