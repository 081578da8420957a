import {type ChildProcess, spawn} from 'node:child_process'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {PassThrough, Writable} from 'node:stream'
import {onTestFinished} from 'vitest'
import {commandFiles} from '../scripts/command-ids.js'
import type {Command} from '../src/lib/command/command.js'
import {main} from '../src/lib/command/main.js'
import {
  type DashboardSandbox,
  type KomariOptions,
  type KomariSandbox,
  type NezhaOptions,
  type NezhaSandbox,
  type OpenidcsOptions,
  type OpenidcsSandbox,
  startDashboard,
  startKomari,
  startNezha,
  startOpenidcs,
} from './emulated.js'
import {keepPrinted} from './printed.js'

export const root = join(import.meta.dirname, '..')

/** The time that tests live in, for the sandbox and for the program alike. */
export const now = new Date('2026-11-21T12:00:00Z')

export interface Outcome {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

export interface CliOptions {
  /** Besides a config folder and a home of the test's own. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** All of it, or a stream that a test writes to as it is asked. */
  readonly stdin?: string | PassThrough
  /** Which streams are terminals. */
  readonly tty?: {readonly stdin?: true; readonly stdout?: true; readonly stderr?: true}
  readonly columns?: number
  readonly rows?: number
  readonly signal?: AbortSignal
  readonly now?: () => Date
  /** The folder of package.json and manifest, where it is not this package's. */
  readonly root?: string
  readonly bugs?: string
  /** Gives another command in the place of one that there is. */
  readonly load?: (id: string) => Promise<Command>
  /** Sees all of a stream's text each time that something was written to it. */
  readonly written?: (text: string, stream: 'stdout' | 'stderr') => void
}

const files = new Map(commandFiles().map(({id, file}) => [id, file]))

export const commandIds: readonly string[] = [...files.keys()]

/** A command as its source gives it. */
export async function loadCommand(id: string): Promise<Command> {
  const file = files.get(id)
  if (file === undefined) throw new Error(`no command ${id}`)
  return (await import(file)).default
}

/** An empty folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'panelctl-test-'))
  onTestFinished(() => rmSync(folder, {recursive: true, force: true}))
  return folder
}

class Collected extends Writable {
  text = ''
  readonly isTTY: boolean
  readonly columns: number | undefined
  rows: number | undefined
  readonly #written: (text: string) => void

  constructor(isTTY: boolean, columns: number | undefined, written: (text: string) => void) {
    super({decodeStrings: false})
    this.isTTY = isTTY
    this.columns = columns
    this.#written = written
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString()
    done()
    this.#written(this.text)
  }
}

/** The words of a command line: split at spaces, but for '…' and "…". */
export function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  )
}

/** Runs a command line in this process, on streams of its own. */
export async function cli(line: string | readonly string[], options: CliOptions = {}): Promise<Outcome> {
  const {tty = {}, columns, written = () => {}} = options
  const live = options.stdin instanceof PassThrough ? options.stdin : undefined
  const stdin = Object.assign(live ?? new PassThrough(), {isTTY: tty.stdin === true})
  if (!live) stdin.end(options.stdin ?? '')
  const stdout = new Collected(tty.stdout === true, columns, text => written(text, 'stdout'))
  stdout.rows = options.rows
  const stderr = new Collected(tty.stderr === true, columns, text => written(text, 'stderr'))
  const folder = options.env?.PANELCTL_CONFIG_DIR ?? temporaryFolder()
  const exitCode = await main(typeof line === 'string' ? words(line) : line, {
    io: {stdin, stdout, stderr},
    env: {HOME: folder, PANELCTL_CONFIG_DIR: folder, PANELCTL_STATE_DIR: folder, ...options.env},
    root: options.root ?? root,
    version: '0.0.0-test',
    bugs: options.bugs,
    now: options.now ?? (() => now),
    signal: options.signal ?? new AbortController().signal,
    ids: commandIds,
    load: options.load ?? loadCommand,
    panels: async () => (await import('../src/lib/panels/index.js')).panels,
  })
  const outcome = {stdout: stdout.text, stderr: stderr.text, exitCode}
  keepPrinted({...outcome, argv: typeof line === 'string' ? words(line) : line})
  return outcome
}

/** An emulated Nezha dashboard in the tests' time, closed after the test. */
export async function nezhaSandbox(options: NezhaOptions = {}): Promise<NezhaSandbox> {
  const sandbox = await startNezha({now: () => now.getTime(), ...options})
  onTestFinished(() => sandbox.close())
  return sandbox
}

/** An emulated Nezha dashboard of v2, or of v1, in the tests' time, closed after the test. */
export async function dashboardSandbox(options: NezhaOptions = {}): Promise<DashboardSandbox> {
  const sandbox = await startDashboard({now: () => now.getTime(), ...options})
  onTestFinished(() => sandbox.close())
  return sandbox
}

/** An emulated Komari in the tests' time, closed after the test. */
export async function komariSandbox(options: KomariOptions = {}): Promise<KomariSandbox> {
  const sandbox = await startKomari({now: () => now.getTime(), ...options})
  onTestFinished(() => sandbox.close())
  return sandbox
}

/** An emulated OpenIDCS in the tests' time, closed after the test. */
export async function openidcsSandbox(options: OpenidcsOptions = {}): Promise<OpenidcsSandbox> {
  const sandbox = await startOpenidcs({now: () => now.getTime(), ...options})
  onTestFinished(() => sandbox.close())
  return sandbox
}

/** What Node compiled of the program, for all processes whose home is no test's own: to compile it is a third of a short run. */
export function sharedCache(env: Readonly<Record<string, string | undefined>> = {}): Record<string, string> {
  return 'HOME' in env ? {} : {XDG_CACHE_HOME: join(root, 'node_modules', '.cache')}
}

export interface BinaryOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly stdin?: string | 'closed'
  readonly cwd?: string
  /** Node's own flags, before the script. */
  readonly nodeArgs?: readonly string[]
  /** Sees the process as soon as it runs. */
  readonly started?: (child: ChildProcess) => void
}

/** Runs the built program as a process of its own. The exit code of a process that a signal killed is null. */
export async function binary(
  args: readonly string[],
  options: BinaryOptions = {},
): Promise<{stdout: string; stderr: string; exitCode: number | null; signal: NodeJS.Signals | null}> {
  const folder = temporaryFolder()
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), join(root, 'bin', 'run.js'), ...args], {
    cwd: options.cwd ?? folder,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      PANELCTL_CONFIG_DIR: folder,
      PANELCTL_STATE_DIR: folder,
      ...sharedCache(options.env),
      ...options.env,
    },
    stdio: [options.stdin === 'closed' ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  const chunks = {stdout: [] as Buffer[], stderr: [] as Buffer[]}
  child.stdout?.on('data', chunk => chunks.stdout.push(chunk))
  child.stderr?.on('data', chunk => chunks.stderr.push(chunk))
  child.stdin?.on('error', () => {})
  child.stdin?.end(options.stdin === 'closed' ? '' : (options.stdin ?? ''))
  options.started?.(child)
  const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (...end) => resolve(end))
  })
  const stdout = Buffer.concat(chunks.stdout).toString()
  const stderr = Buffer.concat(chunks.stderr).toString()
  keepPrinted({stdout, stderr, exitCode, argv: args})
  return {stdout, stderr, exitCode, signal}
}
