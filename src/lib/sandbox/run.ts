import {type ChildProcess, type StdioOptions, spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdir, writeFile} from 'node:fs/promises'
import {constants} from 'node:os'
import {delimiter, join} from 'node:path'
import {shellQuoted} from '../shell-word.js'
import {type Environment, environmentOf, withoutMisleading, withoutProxy} from './environment.js'
import {makeFolder} from './folder.js'
import type {RunningPanel} from './panel.js'

/** Where signals arrive: the process, or an emitter in a test. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
}

export interface RunOptions {
  /** The panels the command shall use, already started; they are not closed here. */
  readonly panels: Iterable<Pick<RunningPanel, 'environment'>>
  /** The command and its arguments; no shell is between. */
  readonly command: readonly string[]
  /** This build's `bin/run.js`: what `panelctl` is inside. */
  readonly binPath: string
  /** The node to run it with. */
  readonly nodePath: string
  /** The environment to start from. */
  readonly env: Environment
  /** The command's own standard streams; `inherit` unless given. */
  readonly stdio?: StdioOptions
  /** For the one message there is: the command could not be started. */
  readonly stderr: {write(text: string): unknown}
  /** Whether a terminal sends Ctrl-C to the command itself. */
  readonly interactive?: boolean
  readonly signals?: SignalSource
}

const forwarded: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * Runs a command with the environment set to use the sandbox: `panelctl` on its PATH is this build,
 * and configuration, credentials and state lie in a folder that is gone afterwards (design §9).
 * Gives the exit code as a shell would: the command's own, 128 + n for a signal, 127 for a command
 * that is not there, 126 for one that cannot be run.
 */
export async function runInSandbox(options: RunOptions): Promise<number> {
  const {signals = process} = options
  let child: ChildProcess | undefined
  let early: NodeJS.Signals | undefined
  const forward = (signal: NodeJS.Signals) => {
    // A terminal sends Ctrl-C to the whole foreground group; a second one means "at once" to many programs.
    if (signal === 'SIGINT' && options.interactive && child) return
    if (child) child.kill(signal)
    else early = signal
  }
  // From the first moment on, or a signal would leave the folder behind.
  for (const signal of forwarded) signals.on(signal, forward)
  const folder = await makeFolder()
  try {
    const env = await prepare(folder.path, options)
    if (early) return 128 + constants.signals[early]
    const [file = '', ...args] = options.command
    child = spawn(file, args, {env, stdio: options.stdio ?? 'inherit'})
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    return signal ? 128 + constants.signals[signal] : (code ?? 0)
  } catch (error) {
    return failedStart(error, options)
  } finally {
    await folder.remove()
    for (const signal of forwarded) signals.off(signal, forward)
  }
}

function failedStart(error: unknown, {command, stderr}: RunOptions): number {
  const {syscall = '', code} = error as NodeJS.ErrnoException
  if (!syscall.startsWith('spawn')) throw error
  const missing = code === 'ENOENT'
  const what = missing ? 'command not found' : `cannot be run (${code})`
  stderr.write(`panelctl sandbox: ${command[0]}: ${what}\n`)
  return missing ? 127 : 126
}

/** Fills the folder (0700 by mkdtemp) and gives the command's environment. */
async function prepare(folder: string, options: RunOptions): Promise<Record<string, string>> {
  const [bin, config, state] = ['bin', 'config', 'state'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ]
  for (const path of [bin, config, state]) await mkdir(path, {mode: 0o700})
  await writeShim(bin, options)
  const env = withoutMisleading(options.env)
  // On Windows the variable may be spelt Path.
  const pathName = Object.keys(env).find(name => name.toUpperCase() === 'PATH') ?? 'PATH'
  return {
    ...env,
    ...withoutProxy(options.env),
    ...environmentOf(options.panels),
    [pathName]: env[pathName] ? `${bin}${delimiter}${env[pathName]}` : bin,
    PANELCTL_CONFIG_DIR: config,
    PANELCTL_STATE_DIR: state,
  }
}

async function writeShim(bin: string, {binPath, nodePath}: RunOptions): Promise<void> {
  if (process.platform === 'win32') {
    // A percent sign starts a variable in a batch file.
    const [node, script] = [nodePath, binPath].map(path => path.replaceAll('%', '%%'))
    await writeFile(join(bin, 'panelctl.cmd'), `@"${node}" "${script}" %*\r\n`)
    return
  }
  const script = `#!/bin/sh\nexec ${shellQuoted(nodePath)} ${shellQuoted(binPath)} "$@"\n`
  await writeFile(join(bin, 'panelctl'), script, {mode: 0o755})
}
