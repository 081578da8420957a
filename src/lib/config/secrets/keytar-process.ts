import {createRequire} from 'node:module'
import {dirname} from 'node:path'
import {type Environment, withoutCredentials} from '../environment.js'

/** One call of keytar; the first parameter is the service. */
export interface KeytarCall {
  method: 'getPassword' | 'setPassword' | 'deletePassword'
  parameters: string[]
}

export type KeytarAnswer =
  | {outcome: 'value'; value?: unknown}
  /** The keychain refused, or keytar broke. */
  | {outcome: 'failed'; reason: string}
  /** keytar is not there, or the system lacks a library of its. */
  | {outcome: 'unloadable'; reason: string}
  | {outcome: 'late'}

/**
 * What the child runs: a line of stdin says what to call. When stdin then ends, the parent is gone, ended by a signal
 * in the middle of a call; the child follows it by SIGKILL, as every other way to end waits for the call.
 */
const script = `
const reasonOf = error => String(error?.message ?? error)
const end = answer => {
  require('node:fs').writeFileSync(1, JSON.stringify(answer))
  process.exit()
}
const perform = ({keytar, method, parameters}) => {
  let module
  try {
    module = require(keytar)
  } catch (error) {
    end({outcome: 'unloadable', reason: reasonOf(error)})
  }
  new Promise(resolve => resolve(module[method](...parameters))).then(
    value => end({outcome: 'value', value}),
    error => end({outcome: 'failed', reason: reasonOf(error)}),
  )
}
let line = ''
process.stdin.setEncoding('utf8')
process.stdin.on('data', text => {
  line += text
  if (text.endsWith('\\n')) perform(JSON.parse(line))
})
process.stdin.on('close', () => process.kill(process.pid, 'SIGKILL'))`

/**
 * Where the keytar module lies, seen from this program, whatever the folder it runs in.
 * @throws Error when it is not installed
 */
export function locateKeytar(name: string): string {
  return createRequire(import.meta.url).resolve(name)
}

/**
 * Calls keytar in a process of its own, which is killed when it does not answer in time. In this one, a call that
 * hangs could not be given up: it occupies a thread of the pool, for which Node waits even in `process.exit`.
 * What it is called with goes through stdin, where nobody else can see it.
 */
export async function callKeytar(
  keytar: string,
  call: KeytarCall,
  {env, milliseconds}: {env: Environment; milliseconds: number},
): Promise<KeytarAnswer> {
  const {execFile} = await import('node:child_process')
  return new Promise(resolve => {
    const options = {
      cwd: dirname(keytar),
      env: {...withoutCredentials(env), NODE_OPTIONS: undefined},
      timeout: milliseconds,
      killSignal: 'SIGKILL',
      maxBuffer: Number.POSITIVE_INFINITY,
      windowsHide: true,
    } as const
    const child = execFile(
      process.execPath,
      [...process.execArgv, '--input-type=commonjs', '-e', script],
      options,
      (error, stdout) => resolve(error ? failureOf(error) : parsedAnswer(stdout)),
    )
    // a child that is gone before it has read says so by its exit
    child.stdin?.on('error', () => {})
    child.stdin?.write(`${JSON.stringify({keytar, ...call})}\n`)
  })
}

function failureOf({killed, signal, code}: import('node:child_process').ExecFileException): KeytarAnswer {
  if (killed) return {outcome: 'late'}
  if (signal) return {outcome: 'failed', reason: `its process was ended by ${signal}`}
  const what = typeof code === 'number' ? `failed with exit ${code}` : `could not be started (${code})`
  return {outcome: 'failed', reason: `its process ${what}`}
}

/** The parser's error would quote what may be a password. */
function parsedAnswer(stdout: string): KeytarAnswer {
  try {
    return JSON.parse(stdout)
  } catch {
    return {outcome: 'failed', reason: 'its process gave no answer'}
  }
}
