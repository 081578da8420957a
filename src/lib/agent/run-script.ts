import {spawn} from 'node:child_process'
import {createHash} from 'node:crypto'
import {once} from 'node:events'
import {constants} from 'node:fs'
import {open, rm} from 'node:fs/promises'
import {constants as system} from 'node:os'
import {basename} from 'node:path'
import type {Readable} from 'node:stream'
import type {Environment} from '../config/environment.js'
import {errorCode, PanelctlError, systemReason, usageError} from '../errors.js'
import {download} from '../http/download.js'
import {firstWords} from '../http/said.js'
import type {AgentPlan} from './agent-kind.js'
import {endGroup, isAllowed, type Machine, processStart} from './machine.js'

/** The real one has about 30 KiB. */
const largestScript = 1024 * 1024

/** A script that was looked at and may run. */
export interface InstallScript {
  readonly text: Buffer
  readonly sha256: string
}

/**
 * Downloads the install script and makes sure that it is one.
 * @throws PanelctlError BAD_RESPONSE for a web page, an empty or too large file, or one of another hash
 */
export async function downloadScript(
  {installUrl, sha256: wanted}: AgentPlan,
  options: {readonly caFile: string | undefined; readonly signal: AbortSignal},
): Promise<InstallScript> {
  const text = await download(installUrl, {...options, largest: largestScript})
  const reject = (why: string, hint = 'check --install-url') =>
    new PanelctlError('BAD_RESPONSE', `${installUrl.href} ${why}: it was not run`, {hint})
  if (text.length === 0) throw reject('is empty')
  if (!text.subarray(0, 2).equals(Buffer.from('#!'))) {
    throw reject(`is not a script; it begins with "${firstWords(text.toString('utf8'))}"`)
  }
  const sha256 = createHash('sha256').update(text).digest('hex')
  if (wanted !== undefined && sha256 !== wanted) {
    throw reject(`has the SHA-256 ${sha256}`, `--script-sha256 wants ${wanted}`)
  }
  return {text, sha256}
}

function inTheWay(path: string) {
  return usageError(`there is a file ${path} already`, 'move it away, or choose another --workdir')
}

/**
 * Makes sure before anything is registered that the script's place is free; what a killed run of ours left is gone by now.
 * @throws PanelctlError USAGE
 */
export async function refuseForeignScript(path: string): Promise<void> {
  if (await isAllowed(path, constants.F_OK)) throw inTheWay(path)
}

/**
 * Writes the script as a new file of ours (0700).
 * @throws PanelctlError USAGE where there is a file of that name: it is not ours to overwrite
 */
export async function writeScript(path: string, {text}: InstallScript): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o700)
    try {
      await file.writeFile(text)
      await file.chmod(0o700)
    } finally {
      await file.close()
    }
  } catch (error) {
    if (errorCode(error) === 'EEXIST') throw inTheWay(path)
    throw usageError(`cannot write ${path}: ${systemReason(error)}`, 'choose another --workdir')
  }
}

export async function removeScript(path: string): Promise<void> {
  await rm(path, {force: true})
}

export interface ScriptRun {
  readonly path: string
  /** Behind the script's name. */
  readonly words: readonly string[]
  readonly workdir: string
  readonly env: Environment
  readonly machine: Machine
  readonly signal: AbortSignal
  /** Takes a line of the script's output. */
  line(text: string): void
  /** Called before the script starts, with the process that will run it. */
  starting(process: {id: number; start: string}): Promise<void>
}

/**
 * Waits for a word from us before it starts the script: when we are killed before we have noted who runs it, nothing runs.
 * It removes the script whatever ends it, and lives on when we are killed later.
 */
const keeper = `trap 'rm -f "./$0"' EXIT
trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM
read -r go || exit 1
"./$0" "$@" </dev/null`

/**
 * Runs the script in a session of its own: it has no terminal, not even one that sudo could ask on.
 * @returns its exit code, as a shell gives it
 * @throws the reason of the signal, after the script and what it started have been ended
 */
export async function runScript(run: ScriptRun): Promise<number> {
  const {path, words, workdir, env, machine, signal} = run
  const child = spawn('/bin/sh', ['-c', keeper, basename(path), ...words], {
    cwd: workdir,
    env: {...env, PATH: machine.path},
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
  const stop = () => endGroup(child)
  const outputs = [child.stdout, child.stderr].map(stream => {
    eachLine(stream, run.line)
    return new Promise<void>(resolve => stream.once('close', resolve))
  })
  child.stdin.on('error', () => {})
  const ended = once(child, 'exit')
  // Without a listener a failure while we note who runs it would end this process.
  ended.catch(() => {})
  try {
    await once(child, 'spawn')
    const id = child.pid ?? 0
    await run.starting({id, start: (await processStart(id)) ?? ''})
    signal.throwIfAborted()
    signal.addEventListener('abort', stop, {once: true})
    child.stdin.end('go\n')
    const [code, killedBy] = (await ended) as [number | null, NodeJS.Signals | null]
    await drained(outputs, [child.stdout, child.stderr])
    signal.throwIfAborted()
    return killedBy ? 128 + system.signals[killedBy] : (code ?? 0)
  } finally {
    signal.removeEventListener('abort', stop)
    // No word came: it ends by itself.
    child.stdin.destroy()
  }
}

/** Hands over the lines of a stream as they come; a progress bar's carriage returns end lines, too. */
function eachLine(stream: Readable, line: (text: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = `${rest}${text}`.split(/[\r\n]+/)
    rest = lines.pop() ?? ''
    for (const whole of lines) if (whole !== '') line(whole)
  })
  stream.once('end', () => {
    if (rest !== '') line(rest)
  })
}

/** What the script left running may hold its output open for ever: the last lines are waited for, not that. */
async function drained(
  outputs: readonly Promise<void>[],
  streams: readonly NodeJS.ReadableStream[],
): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const enough = new Promise<void>(resolve => {
    timer = setTimeout(resolve, 500)
  })
  await Promise.race([Promise.all(outputs), enough])
  clearTimeout(timer)
  for (const stream of streams) if ('unref' in stream && typeof stream.unref === 'function') stream.unref()
}
