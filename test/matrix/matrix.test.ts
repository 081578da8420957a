import {mkdirSync, mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {type AddressInfo, createServer} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {exitCodes} from '../../src/lib/errors.js'
import {retryDelay} from '../../src/lib/http/retry.js'
import {startDashboard, startKomari, startNezha, startOpenidcs} from '../emulated.js'
import {exampleLines, withFlags} from '../example-lines.js'
import {binary, cli, now, type Outcome, root, words} from '../harness.js'
import {checkStdout, checkWords, printing, takePrinted} from '../printed.js'
import {
  type Arrived,
  commonProxy,
  type FailingNetwork,
  failingNetwork,
  type Part,
  type Way,
  ways,
} from './failing-network.js'
import {endlessBody, frameFaults, type NetworkFault, networkFaults, tunnelFaults} from './network-faults.js'

// `npm run faults -- --panel komari --command 'node list' --fault stall --seed 7` says otherwise.
const {
  FAULTS_PANEL: onlyPanel,
  FAULTS_COMMAND: onlyCommand = '',
  FAULTS_FAULT: onlyFault = '',
  FAULTS_WAY: onlyWay,
} = process.env
const seed = Number(process.env.FAULTS_SEED ?? 1)
/** How many of the runs, where not all: a part that is another for another seed. */
const part = Number(process.env.FAULTS_PART ?? 400)

/** Runs at one time; most of them wait. */
const lanes = 16
/** Milliseconds for a fault that waits for it, and for one that does not. */
const [short, long] = [300, 20_000]
/** And for a flood that waits for it: long enough to take many. */
const middle = 1500
const retries = 1
/** How many MiB of what has no end are taken, by what is in its place: headers are 16 KiB everywhere. */
const mostTaken = {tunnel: 0, handshake: 1, frames: 100, answer: 0}
const largestBody = 400
/** What the sockets between hold of it. */
const inSockets = 64

const options = {now: () => now.getTime(), random: () => 0.5}
const starts = {
  nezha: () => startNezha(options),
  'nezha-v2': () => startDashboard(options),
  komari: () => startKomari(options),
  openidcs: () => startOpenidcs(options),
}
type Name = keyof typeof starts

/** Commands none of whose lines makes a request here, and why. */
const silent: Readonly<Record<string, string>> = {
  'nezha:schema': 'it asks no panel',
  'komari:schema': 'it asks no panel',
  'nezha:logout': 'a token has no end on the panel',
  'komari:logout': 'there is no context',
  'openidcs:logout': 'a token has no end on the panel',
}

/** Commands that do without a part of what they ask for, and what they say of it then. */
const tells: Readonly<Record<string, RegExp>> = {
  'komari:node:status': /RPC2/,
  'komari:node:list': /missing: /,
  'komari:node:show': /missing: /,
  'komari:records:ping': /the figures are of the records: .* does not answer/,
  'nezha-v2 nezha:server:status': /the lists are asked instead/,
  'openidcs:ip:delete': /it was done, but cannot be looked at: /,
  'openidcs:proxy:delete': /it was done, but cannot be looked at: /,
  'openidcs:nat:delete': /it was done, but cannot be looked at: /,
}

/** What an answer with a code is taken for, and what comes of it. */
const taken: Readonly<Record<string, readonly number[]>> = {
  // v0, which has no such token.
  'nezha-v2 nezha:node:auto-register': [5],
}

const documents: Readonly<Record<string, string>> = {
  'openidcs:vm:report': '{"cpu_usage": 7}',
  'nezha:apply': '{"notification-group": [{"name": "oncall"}]}',
  'komari:apply': '{"retention": [{"name": "cpu.usage", "retention_days": 2}]}',
}

interface Run {
  readonly panel: Name
  readonly id: string
  readonly line: string
  readonly fault: NetworkFault
  readonly way: Way
  readonly from: number
  readonly format: string
  /** In a process of its own, whose memory is measured, when little else runs. */
  readonly isFlooded: boolean
}

/** Where nothing fails. */
const calm = {way: 'direct', from: 0, isFlooded: false} as const

/** What a line does there. */
interface Healthy {
  readonly outcome: Outcome
  readonly requests: number
  readonly arrived: readonly Arrived[]
}

/** What one run came to. */
interface Result {
  readonly outcome: Outcome
  /** It had to be ended. */
  readonly isEndless: boolean
  /** Milliseconds, and those beyond the time of all requests that met the fault. */
  readonly took: number
  readonly late: number
  /** How many of those are for the work. */
  readonly allowed: number
  /** In MiB, where it is measured. */
  readonly memory: number | undefined
  readonly secrets: readonly string[]
  readonly words: readonly string[]
}

/** How long the last runs took that waited for nothing, on this machine and among these lanes: milliseconds. */
const paces: number[] = []
const pace = () => Math.max(1000, ...paces)

function limitOf(fault: NetworkFault | undefined, isFlooded: boolean): number {
  if (isFlooded) return fault?.floods?.waits ? middle : long
  return fault?.waits ? short : long
}

/** The same as `cli`, in a process of its own, with the most memory that it had. */
async function apart(
  argv: readonly string[],
  {env, stdin, signal}: {readonly env: Readonly<Record<string, string>>; stdin: string; signal: AbortSignal},
) {
  const {HOME: folder = '', ...given} = env
  const {HTTP_PROXY, HTTPS_PROXY} = process.env
  const peak = join(folder, 'peak')
  mkdirSync(folder, {mode: 0o700})
  const {exitCode, ...outcome} = await binary(argv, {
    env: {...given, HTTP_PROXY, HTTPS_PROXY, HOME: folder, FAULTS_PEAK: peak},
    stdin,
    cwd: root,
    nodeArgs: ['--require', join(root, 'test', 'matrix', 'peak.cjs')],
    started: child => signal.addEventListener('abort', () => child.kill('SIGKILL')),
  })
  const memory = exitCode === null ? undefined : Number(readFileSync(peak, 'utf8')) / 1024
  return {...outcome, exitCode: exitCode ?? -1, memory}
}

/** A panel of its own behind a network of its own, for one run after the other. */
class Lane {
  #sandbox: Awaited<ReturnType<(typeof starts)[Name]>> | undefined
  #of: Name | undefined
  #network: FailingNetwork | undefined
  readonly #base = mkdtempSync(join(tmpdir(), 'panelctl-faults-'))
  #count = 0
  #isUsed = false

  get network(): FailingNetwork {
    if (!this.#network) throw new Error('no network')
    return this.#network
  }

  async run(
    {panel, id, line, way, from, format, isFlooded}: Omit<Run, 'fault'>,
    fault?: NetworkFault,
    limit = limitOf(fault, isFlooded),
  ): Promise<Result> {
    this.#network?.close()
    // What was written or deleted is as it was.
    if (this.#isUsed || this.#of !== panel) {
      await this.#sandbox?.close()
      this.#sandbox = await starts[panel]()
      this.#of = panel
    }
    const network = await failingNetwork(this.#sandbox?.url ?? '', {way, fault, from, isFlooded})
    this.#network = network
    const folder = join(this.#base, String(this.#count++))
    const url = fault?.happens === 'refused' ? 'http://127.0.0.1:1' : network.address
    const given = this.#sandbox?.environment ?? {}
    const variable = Object.keys(given).find(name => given[name] === this.#sandbox?.url) ?? ''
    const secrets = Object.entries(given).flatMap(([name, value]) => (/TOKEN|KEY/.test(name) ? [value] : []))
    const env = {
      ...given,
      [variable]: url,
      HOME: folder,
      PANELCTL_CONFIG_DIR: folder,
      PANELCTL_STATE_DIR: folder,
    }
    const asked = line
      .replaceAll(/https?:\/\/\S+/g, url)
      .replace(
        '--probe-address probe.example.com',
        `--probe-address 127.0.0.1 --probe-port ${(agents.address() as AddressInfo).port} --no-tls`,
      )
    const trust = way === 'tunnel' ? '--ca-file test/fixtures/tls/ca.pem' : ''
    const flags = `-o ${format} --retries ${retries} --timeout ${limit}ms ${trust}`
    const stdin = id.endsWith(':login') ? (secrets[0] ?? '') : (documents[id] ?? '{}')
    const began = performance.now()
    const ends = new AbortController()
    // Of each of its requests, all of them and a good deal more; what does not end by itself has no exit code.
    const patience = setTimeout(() => ends.abort(new Error('it did not end')), 4 * limit + 20 * pace())
    const options = {env, stdin, signal: ends.signal}
    const argv = words(withFlags(asked, flags))
    const {memory, ...outcome} = isFlooded
      ? await apart(argv, options)
      : {...(await cli(argv, options)), memory: undefined}
    const isEndless = ends.signal.aborted
    clearTimeout(patience)
    const took = performance.now() - began
    // What it still asks ends with the process elsewhere.
    ends.abort()
    if (!fault?.waits && !isFlooded && paces.push(took) > 4 * lanes) paces.shift()
    takePrinted()
    // OpenIDCS measures a host again where nobody has looked for long, and says so.
    this.#isUsed = network.arrived.some(
      ({method, path}) => method !== 'GET' || path.startsWith('/api/server/status'),
    )
    const late = took - network.hits() * (limit + retryDelay(retries, 0, () => 1))
    return {outcome, isEndless, took, late, allowed: 3 * pace(), memory, secrets, words: argv}
  }

  async close(): Promise<void> {
    this.#network?.close()
    await this.#sandbox?.close()
    rmSync(this.#base, {recursive: true, force: true})
  }
}

/** Whether a request changes something: reading is a POST in one protocol. */
function writes({method, path, body}: Arrived): boolean {
  if (method === 'GET' || method === 'HEAD') return false
  if (path === '/mcp') return !body.includes('"name":"meta.whoami"')
  return (
    !path.endsWith('/api/rpc2') || !/^\[?\{[^[]*"method":"(common:|public:|rpc\.|admin:(get|list))/.test(body)
  )
}

/** How often each write was asked for; the number of a call apart. */
function counted(arrived: readonly Arrived[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const one of arrived.filter(writes)) {
    const key = `${one.method} ${one.path} ${one.body.replace(/"id":\d+/, '')}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return counts
}

const documented = [0, ...Object.values(exitCodes).filter(code => code !== exitCodes.UNEXPECTED)]

/** One error, at the end; as JSON nothing else but notes. */
function checkError({stderr, exitCode}: Outcome, format: string): void {
  const lines = stderr.split('\n').filter(Boolean)
  const kinds = lines.map(line =>
    format === 'json'
      ? Object.keys(JSON.parse(line)).join()
      : (/^(?:panelctl|hint)(?=: \S)/.exec(line)?.[0] ?? 'note'),
  )
  const wanted = format === 'json' ? /^((note|warning) )*(error )?$/ : /^(note )*(panelctl (hint )?)?$/
  expect(kinds.map(kind => `${kind} `).join(''), stderr).toMatch(wanted)
  expect(kinds.filter(kind => kind === 'error' || kind === 'panelctl').length, stderr).toBe(
    exitCode === 0 ? 0 : 1,
  )
}

/** Without the address, which is another for each run. */
function placeless(text: string): string {
  return (
    text
      .replaceAll(/https?:\/\/127\.0\.0\.1:\d+|127\.0\.0\.1[: ]\d+/g, 'PANEL')
      .replaceAll(/panelctl-faults-\w+\/\d+/g, 'FOLDER')
      .replaceAll(/"(\w*[pP]ort)": ?\d+/g, '"$1": PORT')
      // Of a node that is made.
      .replaceAll(/(NZ_UUID=|"(?:uu)?id": ")[\da-f]{8}-[-\da-f]{27}/g, '$1UUID')
  )
}

/** What every run keeps, whatever happened to it. */
function check(
  run: Run,
  healthy: Healthy,
  network: FailingNetwork,
  {outcome, isEndless, late, allowed, memory, secrets, words: argv}: Result,
): void {
  const {format, panel, id, isFlooded} = run
  // Where it is given as much as it takes, it ends by that.
  const fault = {...run.fault, ...(isFlooded ? run.fault.floods : {})}
  const {stdout, stderr, exitCode} = outcome
  const arrived = network.arrived
  expect(isEndless, 'it did not end').toBe(false)
  if (fault.waits) expect(late, 'milliseconds beyond its time').toBeLessThan(allowed)
  expect(documented, stderr).toContain(exitCode)
  // A handshake has no other wrapping.
  const isHandshake = fault.harmless && run.from > 0 && arrived.at(-1)?.upgrades
  if (fault.happens !== 'refused' && !isHandshake) expect(network.hits(), 'never reached').toBeGreaterThan(0)
  if (exitCode !== 0 && !printing.includes(exitCode)) expect(stdout).toBe('')
  if (stdout !== '' && format === 'json') JSON.parse(stdout)
  checkError(outcome, format)
  checkStdout([{...outcome, argv}])
  checkWords([{...outcome, argv}])
  expect(stderr).not.toMatch(/\n\s+at \S+ \(/)

  const usual = counted(healthy.arrived)
  for (const [write, times] of counted(arrived))
    expect(times, `sent again: ${write}`).toBeLessThanOrEqual(usual.get(write) ?? 1)
  expect(network.heads(), 'a second head on one connection').toBeLessThanOrEqual(1)
  for (const secret of secrets) {
    expect(network.strayed.join('\n'), 'a credential that went astray').not.toContain(secret)
    expect(stderr, 'a credential').not.toContain(secret)
  }
  if (fault.floods && isFlooded) {
    expect(memory, 'MiB of memory').toBeLessThan(fault.floods.memory)
    const most = {...mostTaken, answer: run.fault === endlessBody ? largestBody : 0}
    // Of what passes by there is no limit but the time.
    if (!fault.floods.waits)
      for (const [part, bytes] of Object.entries(network.taken()))
        expect(bytes / 2 ** 20, `MiB taken in the place of ${part}`).toBeLessThan(
          most[part as Part] + inSockets,
        )
  }

  const fresh = stderr
    .split('\n')
    .filter(line => line !== '' && !placeless(healthy.outcome.stderr).includes(placeless(line)))
  const isTold = (tells[`${panel} ${id}`] ?? tells[id])?.test(fresh.join('\n')) ?? false
  if (fault.harmless) expect(exitCode, stderr).toBe(healthy.outcome.exitCode)
  const asked = new Set([...healthy.arrived, ...arrived].map(({method, path}) => `${method} ${path}`))
  const isOne = healthy.requests === 1 && asked.size === 1
  if (exitCode === 0 || fault.harmless) {
    // An empty list where the panel says that there is nothing, and what a command prints as it comes.
    const headings = (text: string) => text.split('\n')[0]?.split(/ {2,}/).join()
    const isHead = /^.*\n$/.test(stdout) && headings(stdout) === headings(healthy.outcome.stdout)
    // What else was asked for may be shown without it.
    const isEmpty =
      fault.plausible &&
      (!isOne ||
        healthy.outcome.exitCode !== 0 ||
        /^(\[\]\n)?$/.test(stdout) ||
        (format === 'table' && isHead))
    const isAsItCame = fault.body !== undefined && /:(api|rpc)$/.test(id)
    if (isTold || isEmpty || isAsItCame) return
    expect(placeless(stdout), 'a success that is none').toBe(placeless(healthy.outcome.stdout))
    // Of several requests one may be needed by nothing that is shown.
    if (!isOne || fault.harmless) return
  }
  const met = isOne ? healthy.arrived : arrived.filter(one => one.hit)
  const isWrite = met.some(writes)
  // Nothing that was named is there, nothing that it needs, or nothing that was in its way.
  if (fault.plausible && (exitCode === 3 || (!isOne && exitCode === 5) || healthy.outcome.exitCode !== 0))
    return
  // Its time may be over before it has all that it gives up at.
  if (fault.waits && !isFlooded && exitCode === (isWrite ? 7 : 6)) return
  // Before the connection stands nothing has left; which it was, the client alone knows.
  if (fault.happens === 'unread' && isWrite && exitCode === 6) return
  const direct = isWrite ? (fault.write ?? fault.exit) : fault.exit
  const declared = run.way === 'proxy' ? (fault.proxied ?? direct) : direct
  if (isOne) expect(exitCode, stderr).toBe(declared)
  else
    expect(
      [
        declared,
        fault.exit,
        9,
        8,
        ...(healthy.outcome.exitCode === 0 ? [] : [healthy.outcome.exitCode]),
        ...(isWrite || arrived.some(writes) ? [7] : []),
        // Without a WebSocket the panel is out of reach, whatever comes of what is asked in its place.
        ...(arrived.some(one => one.hit && one.upgrades) ? [6] : []),
        ...(fault.body?.includes('"code"') ? (taken[`${panel} ${id}`] ?? []) : []),
      ],
      stderr,
    ).toContain(exitCode)
  if (exitCode === 7) expect(isWrite || arrived.some(writes), 'in doubt of what was never sent').toBe(true)
}

/** The same numbers for the same seed (mulberry32). */
function random(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

async function inLanes<T>(
  all: readonly T[],
  each: (one: T, lane: Lane) => Promise<void>,
  width = lanes,
): Promise<void> {
  const left = [...all].reverse()
  const open = Array.from({length: Math.min(width, all.length)}, () => new Lane())
  await Promise.all(
    open.map(async lane => {
      for (let one = left.pop(); one !== undefined; one = left.pop()) await each(one, lane)
      await lane.close()
    }),
  )
}

function faultsOf(way: Way, hasFrames: boolean): readonly NetworkFault[] {
  return [...networkFaults, ...(hasFrames ? frameFaults : []), ...(way === 'tunnel' ? tunnelFaults : [])]
}

let proxy: Awaited<ReturnType<typeof commonProxy>>
/** Where agents would report: it greets as what speaks HTTP/2 (RFC 9113 3.4). */
const agents = createServer(socket =>
  socket.on('error', () => {}).end(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])),
)
beforeAll(async () => {
  proxy = await commonProxy()
  await new Promise<void>(resolve => agents.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  proxy.close()
  agents.close()
})

/** The variables of a process are one for all of its lanes. */
async function through<T>(way: Way, work: () => Promise<T>): Promise<T> {
  if (way !== 'direct') Object.assign(process.env, {HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url})
  try {
    return await work()
  } finally {
    delete process.env.HTTP_PROXY
    delete process.env.HTTPS_PROXY
  }
}

test('whatever fails between a command and its panel, the command ends as documented', {
  timeout: 7_200_000,
}, async () => {
  const names = (Object.keys(starts) as Name[]).filter(name => !onlyPanel || name === onlyPanel)
  const chance = random(seed)
  const runs: Run[] = []
  const healthy = new Map<string, Healthy>()
  const unreached: string[] = []
  for (const panel of names) {
    const every = (await exampleLines(panel.replace(/-.*/, ''))).filter(
      ({id, line}) =>
        id.replaceAll(':', ' ').includes(onlyCommand) &&
        // What it would run on this machine is another test's.
        (!id.endsWith(':auto-register') || /--(dry-run|emit)\b/.test(line)),
    )
    const measured = new Map<string, Healthy>()
    await inLanes(every, async ({id, line}, lane) => {
      const {outcome} = await lane.run({...calm, panel, id, line, format: 'json'})
      measured.set(line, {outcome, requests: lane.network.asked(), arrived: lane.network.arrived})
    })
    // One line of each command: the first that asks the panel, and so that something comes of it.
    const lines = [...new Set(every.map(({id}) => id))].flatMap(id => {
      const own = every.filter(one => one.id === id && (measured.get(one.line)?.requests ?? 0) > 0)
      const [line] = [...own.filter(one => measured.get(one.line)?.outcome.exitCode === 0), ...own]
      if (line === undefined && !Object.hasOwn(silent, id) && !Object.hasOwn(silent, `${panel} ${id}`))
        unreached.push(`${panel} ${id}`)
      return line === undefined ? [] : [line]
    })
    await inLanes(lines, async ({id, line}, lane) => {
      for (const format of ['json', 'table']) {
        const {outcome} = await lane.run({...calm, panel, id, line, format})
        const {arrived} = lane.network
        healthy.set(`${panel} ${line} ${format}`, {outcome, requests: lane.network.asked(), arrived})
      }
    })
    const of = (line: string) => healthy.get(`${panel} ${line} json`)
    const asks = (line: string) => of(line)?.requests ?? 0
    const upgrades = (line: string) => of(line)?.arrived.some(one => one.upgrades) ?? false
    // A read, a write and a WebSocket for what is the network's more than the command's.
    const single = lines.filter(({line}) => of(line)?.outcome.exitCode === 0 && asks(line) === 1)
    const few = new Set([
      single.find(({line}) => !of(line)?.arrived.some(writes)),
      single.find(({line}) => of(line)?.arrived.some(writes)),
      lines.find(({line}) => upgrades(line)),
    ])
    for (const way of ways.filter(one => !onlyWay || one === onlyWay))
      for (const one of lines.filter(one => way === 'direct' || few.has(one)))
        for (const fault of faultsOf(way, upgrades(one.line)).filter(({name}) => name.includes(onlyFault))) {
          // A proxy says that in its own words.
          if (fault.happens === 'refused' && way !== 'direct') continue
          const isFirst = fault.happens === 'refused' || fault.name.startsWith('CONNECT')
          const last = isFirst || fault.frames ? 0 : asks(one.line) - 1
          // The other ways are of the network, and the same for each request.
          const all = Array.from({length: last + 1}, (_, index) => index)
          for (const from of way === 'direct' ? all : new Set([0, last]))
            runs.push({
              ...{panel, ...one, fault, way, from},
              format: chance() < 0.5 ? 'json' : 'table',
              // Of all the most work, and read by the same lines whichever way it comes.
              isFlooded:
                fault.floods !== undefined && few.has(one) && (way === 'direct' || fault !== endlessBody),
            })
        }
  }
  expect(unreached, 'never reached').toEqual([])
  const mixed = runs.map(run => ({run, at: chance()})).toSorted((one, other) => one.at - other.at)
  // One of each flood in any part.
  const floods = new Map(mixed.flatMap(({run}) => (run.isFlooded ? [[run.fault.name, run]] : [])))
  const taken = [...new Set([...floods.values(), ...mixed.map(({run}) => run)])].slice(0, part)

  const rows = new Map<string, Map<string, {runs: number; exits: Set<number>; failures: number}>>()
  const failures: string[] = []
  let most = 0
  const began = performance.now()
  const tried = async (run: Run, lane: Lane) => {
    const {panel, id, line, fault, way, from, format} = run
    const cell = {runs: 0, exits: new Set<number>(), failures: 0}
    const row = rows.get(fault.name) ?? new Map<string, typeof cell>()
    rows.set(fault.name, row)
    const counted = row.get(panel) ?? cell
    row.set(panel, counted)
    counted.runs++
    let limit = limitOf(fault, run.isFlooded)
    let result = await lane.run(run, fault, limit)
    // Its time was over before its fault: this machine needs more.
    while (fault.waits && lane.network.hits() === 0 && limit < long) {
      limit *= 4
      result = await lane.run(run, fault, limit)
    }
    // Some ask less when they are quicker, and less again: at its last means at that of this run.
    let at = from
    for (let asked = lane.network.asked(); lane.network.hits() === 0 && asked > 0 && asked <= at; ) {
      at = asked - 1
      result = await lane.run({...run, from: at}, fault, limit)
      asked = lane.network.asked()
    }
    // This machine is late now and then; what knows no end of its time is late each time.
    for (
      let again = 0;
      fault.waits && result.late >= result.allowed && !result.isEndless && again < 3;
      again++
    )
      result = await lane.run(run, fault, limit)
    most = Math.max(most, result.memory ?? 0)
    counted.exits.add(result.outcome.exitCode)
    const well = healthy.get(`${panel} ${line} ${format}`)
    try {
      if (!well) throw new Error('it was never well')
      check(run, well, lane.network, result)
    } catch (error) {
      counted.failures++
      const said = error instanceof Error ? error.message : String(error)
      const seen = lane.network.arrived
        .map(({method, path, hit}) => `${method} ${path}${hit ? ' *' : ''}`)
        .join(', ')
      failures.push(
        `npm run faults -- --panel ${panel} --command '${id.replaceAll(':', ' ')}' --fault '${fault.name}' --way ${way} --seed ${seed}\n  ${line} -o ${format}, from request ${from} on, exit ${result.outcome.exitCode}, ${Math.round(result.took)} ms: ${seen}\n  ${said.slice(0, 600).replaceAll('\n', '\n  ')}\n  ${result.outcome.stderr.slice(0, 400)}`,
      )
    }
  }
  for (const way of ways)
    await through(way, async () => {
      const own = taken.filter(run => run.way === way)
      await inLanes(
        own.filter(({isFlooded}) => !isFlooded),
        tried,
      )
      await inLanes(
        own.filter(({isFlooded}) => isFlooded),
        tried,
        2,
      )
    })
  const seconds = ((performance.now() - began) / 1000).toFixed(0)
  const total = `${taken.length} of ${runs.length} runs in ${seconds} s, seed ${seed}; ${failures.length} failures; ${Math.round(most)} MiB of memory at most`
  const table = [...rows]
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([fault, cells]) =>
      [
        fault.padEnd(44),
        ...names.map(name => {
          const cell = cells.get(name)
          if (!cell) return '-'.padEnd(28)
          const exits = [...cell.exits].toSorted((one, other) => one - other).join(' ')
          return `${cell.runs}: ${exits}${cell.failures > 0 ? ` (${cell.failures} failed)` : ''}`.padEnd(28)
        }),
      ].join(''),
    )
  if (process.env.FAULTS_TABLE)
    process.stdout.write(
      `${['fault'.padEnd(44) + names.map(name => name.padEnd(28)).join(''), ...table, total].join('\n')}\n`,
    )
  expect(failures.slice(0, 200).join('\n\n'), total).toBe('')
  expect(taken.length, total).toBe(Math.min(part, runs.length))
  expect(taken.length, total).toBeGreaterThan(0)
})
