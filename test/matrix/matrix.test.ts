import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {exitCodes} from '../../src/lib/errors.js'
import {startDashboard, startKomari, startNezha, startOpenidcs} from '../emulated.js'
import {type ExampleLine, exampleLines} from '../example-lines.js'
import {cli, now, type Outcome} from '../harness.js'
import {checkStdout, checkWords, printing, takePrinted} from '../printed.js'
import {
  type Arrived,
  commonProxy,
  type FailingNetwork,
  failingNetwork,
  type Way,
  ways,
} from './failing-network.js'
import {type NetworkFault, networkFaults, tunnelFaults} from './network-faults.js'

// `npm run faults -- --panel komari --command 'node list' --fault stall --seed 7` says otherwise.
const {
  FAULTS_PANEL: onlyPanel,
  FAULTS_COMMAND: onlyCommand = '',
  FAULTS_FAULT: onlyFault = '',
  FAULTS_WAY: onlyWay,
} = process.env
const seed = Number(process.env.FAULTS_SEED ?? 1)
/** How many of the runs, where not all: a part that is another for another seed. */
const part = Number(process.env.FAULTS_PART ?? 60)

/** Runs at one time; most of them wait. */
const lanes = 12
/** For a fault that waits for it, and for one that does not. */
const [short, long] = [1500, 20_000]
const retries = 1
/** A machine that is busy is no failure. */
const patience = 20_000
/** Of headers; the sockets between hold some of what was written. */
const largestHeaders = 8 * 1024 * 1024
/** Of this process, above what it had: all runs of all lanes together. */
const largestMemory = 1024 * 1024 * 1024

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
  'nezha:logout': 'a token has no end on the panel',
  'komari:logout': 'there is no context',
  'openidcs:logout': 'a token has no end on the panel',
  // Of v2 alone, where the version is known before anything is asked.
  'nezha-v2 nezha:node:auto-register': 'v1 and v2 install agents by themselves',
}

const documents: Readonly<Record<string, string>> = {'openidcs:vm:report': '{"cpu_usage": 7}'}

interface Run {
  readonly panel: Name
  readonly id: string
  readonly line: string
  readonly fault: NetworkFault
  readonly way: Way
  readonly from: number
  readonly format: string
}

/** What a line does where nothing fails. */
interface Healthy {
  readonly outcome: Outcome
  readonly requests: number
  readonly arrived: readonly Arrived[]
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
    panel: Name,
    {id, line}: ExampleLine,
    way: Way,
    from: number,
    format: string,
    fault?: NetworkFault,
  ) {
    this.#network ??= await failingNetwork(() => this.#sandbox?.url ?? '')
    // What was written or deleted is as it was.
    if (this.#isUsed || this.#of !== panel) {
      await this.#sandbox?.close()
      this.#sandbox = await starts[panel]()
      this.#of = panel
    }
    const {network} = this
    network.plan(way, from, fault)
    const folder = join(this.#base, String(this.#count++))
    const url = fault?.happens === 'refused' ? 'http://127.0.0.1:1' : network.address(way)
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
    const words = [
      line
        .replaceAll(/https?:\/\/\S+/g, url)
        .replace('--probe-address probe.example.com', '--probe-address 127.0.0.1 --no-tls'),
      `-o ${format} --retries ${retries} --timeout ${fault?.waits ? short : long}ms`,
      way === 'tunnel' ? '--ca-file test/fixtures/tls/ca.pem' : '',
    ]
    const stdin = id.endsWith(':login') ? (secrets[0] ?? '') : (documents[id] ?? '{}')
    const began = performance.now()
    const ends = new AbortController()
    const outcome = await cli(words.join(' '), {env, stdin, signal: ends.signal})
    // What it still asks ends with the process elsewhere.
    ends.abort()
    takePrinted()
    this.#isUsed = network.arrived.some(({method}) => method !== 'GET')
    return {outcome, took: performance.now() - began, secrets, words: words.join(' ')}
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
  return (
    !path.endsWith('/api/rpc2') || !/^\[?\{[^[]*"method":"(common:|public:|rpc\.|admin:(get|list))/.test(body)
  )
}

function twice(arrived: readonly Arrived[]): Map<string, number> {
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
  return text.replaceAll(/https?:\/\/127\.0\.0\.1:\d+|127\.0\.0\.1:\d+/g, 'PANEL')
}

/** What every run keeps, whatever happened to it. */
function check(
  run: Run,
  healthy: Healthy,
  network: FailingNetwork,
  {outcome, took, secrets, words}: Awaited<ReturnType<Lane['run']>>,
): void {
  const {fault, format} = run
  const {stdout, stderr, exitCode} = outcome
  const arrived = network.arrived
  expect(documented, stderr).toContain(exitCode)
  if (fault.happens !== 'refused') expect(network.hits(), 'never reached').toBeGreaterThan(0)
  const attempts = Math.max(network.hits(), 1) + 1
  const limit = (fault.waits ? short : 0) * attempts + retries * 500 * attempts + patience
  expect(took, 'the deadline').toBeLessThan(limit)
  if (exitCode !== 0 && !printing.includes(exitCode)) expect(stdout).toBe('')
  if (stdout !== '' && format === 'json') JSON.parse(stdout)
  checkError(outcome, format)
  checkStdout([{...outcome, argv: words.split(' ')}])
  checkWords([{...outcome, argv: words.split(' ')}])
  expect(stderr).not.toMatch(/\n\s+at \S+ \(/)

  const usual = twice(healthy.arrived)
  for (const [write, times] of twice(arrived))
    expect(times, `sent again: ${write}`).toBeLessThanOrEqual(Math.max(usual.get(write) ?? 1, 1))
  for (const secret of secrets) {
    expect(network.strayed.join('\n'), 'a credential that went astray').not.toContain(secret)
    expect(stderr, 'a credential').not.toContain(secret)
  }
  if (/headers|line/.test(fault.name)) expect(network.poured(), 'bytes taken').toBeLessThan(largestHeaders)

  const isLoose = fault.json === true && /:(api|rpc)$/.test(run.id)
  if (fault.harmless || exitCode === 0) {
    const isTold =
      /"(note|warning)"|^(note|warning):/m.test(stderr) && !healthy.outcome.stderr.includes(stderr)
    if (fault.harmless) expect(exitCode, stderr).toBe(healthy.outcome.exitCode)
    if (!isLoose && !isTold && !fault.plausible)
      expect(placeless(stdout), 'a success that is none').toBe(placeless(healthy.outcome.stdout))
    return
  }
  const wrote = arrived.some(writes)
  const isOpen = arrived.some(one => one.hit && writes(one)) && fault.silent === true
  if (isOpen) expect([7, 9], stderr).toContain(exitCode)
  else if (exitCode === 7) expect(wrote, 'in doubt of what was never sent').toBe(true)
  // Further on, what a request is for decides: 9 of several, 8 of a wait.
  else if (run.from === 0 && exitCode !== 9 && !fault.plausible)
    expect(fault.exits, stderr).toContain(exitCode)
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

async function inLanes<T>(all: readonly T[], each: (one: T, lane: Lane) => Promise<void>): Promise<void> {
  const left = [...all].reverse()
  const open = Array.from({length: Math.min(lanes, all.length)}, () => new Lane())
  await Promise.all(
    open.map(async lane => {
      for (let one = left.pop(); one !== undefined; one = left.pop()) await each(one, lane)
      await lane.close()
    }),
  )
}

function faultsOf(way: Way): readonly NetworkFault[] {
  return way === 'tunnel' ? [...networkFaults, ...tunnelFaults] : networkFaults
}

let proxy: Awaited<ReturnType<typeof commonProxy>>
beforeAll(async () => {
  proxy = await commonProxy()
})
afterAll(() => proxy.close())

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

// Not of every run yet: what waits is judged by a clock, and a machine that is busy makes that a guess.
test.runIf(process.env.FAULTS_TABLE)(
  'whatever fails between a command and its panel, the command ends as documented',
  {
    timeout: 7_200_000,
  },
  async () => {
    const names = (Object.keys(starts) as Name[]).filter(name => !onlyPanel || name === onlyPanel)
    const chance = random(seed)
    const runs: Run[] = []
    const healthy = new Map<string, Healthy>()
    for (const panel of names) {
      const every = (await exampleLines(panel.replace(/-.*/, ''))).filter(
        ({id, line}) =>
          id.replaceAll(':', ' ').includes(onlyCommand) &&
          // What it would run on this machine is another test's.
          (!id.endsWith(':auto-register') || /--(dry-run|emit)\b/.test(line)),
      )
      // All of them take their time only to see what they do when nothing fails.
      const lines = part < Number.POSITIVE_INFINITY ? every.filter(() => chance() < 0.1) : every
      await inLanes(lines, async ({id, line}, lane) => {
        for (const format of ['json', 'table']) {
          const {outcome} = await lane.run(panel, {id, line}, 'direct', 0, format)
          const {arrived} = lane.network
          healthy.set(`${panel} ${line} ${format}`, {outcome, requests: lane.network.asked(), arrived})
        }
      })
      const reaching = new Set(
        lines.filter(({line}) => (healthy.get(`${panel} ${line} json`)?.requests ?? 0) > 0).map(({id}) => id),
      )
      const unreached = new Set(lines.map(({id}) => id).filter(id => !reaching.has(id)))
      if (lines === every)
        expect(
          [...unreached].filter(id => !Object.hasOwn(silent, id) && !Object.hasOwn(silent, `${panel} ${id}`)),
          'never reached',
        ).toEqual([])
      for (const way of ways.filter(one => !onlyWay || one === onlyWay))
        for (const fault of faultsOf(way).filter(({name}) => name.includes(onlyFault)))
          for (const {id, line} of lines) {
            const requests = healthy.get(`${panel} ${line} json`)?.requests ?? 0
            const isFirst = fault.happens === 'refused' || fault.name.startsWith('CONNECT')
            for (let from = 0; from < (isFirst ? Math.min(requests, 1) : requests); from++)
              runs.push({panel, id, line, fault, way, from, format: chance() < 0.5 ? 'json' : 'table'})
          }
    }
    const kept = runs.map(run => ({run, at: chance()})).toSorted((one, other) => one.at - other.at)
    const taken = kept.slice(0, part).map(({run}) => run)

    const rows = new Map<string, Map<string, {runs: number; exits: Set<number>; failures: number}>>()
    const failures: string[] = []
    const before = process.memoryUsage().rss
    let most = before
    const sampling = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss)
    }, 50)
    const began = performance.now()
    for (const way of ways)
      await through(way, () =>
        inLanes(
          taken.filter(run => run.way === way),
          async (run, lane) => {
            const {panel, id, line, fault, from, format} = run
            const cell = {runs: 0, exits: new Set<number>(), failures: 0}
            const row = rows.get(fault.name) ?? new Map<string, typeof cell>()
            rows.set(fault.name, row)
            const counted = row.get(panel) ?? cell
            row.set(panel, counted)
            counted.runs++
            const result = await lane.run(panel, {id, line}, way, from, format, fault)
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
          },
        ),
      )
    clearInterval(sampling)
    const seconds = ((performance.now() - began) / 1000).toFixed(0)
    const mebibytes = Math.round((most - before) / 1024 / 1024)
    const total = `${taken.length} of ${runs.length} runs in ${seconds} s, seed ${seed}; ${failures.length} failures; ${mebibytes} MiB of memory at most`
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
    expect(most - before, 'memory').toBeLessThan(largestMemory)
    expect(taken.length, total).toBe(Math.min(part, runs.length))
    expect(taken.length, total).toBeGreaterThan(0)
  },
)
