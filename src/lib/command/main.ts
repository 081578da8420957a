import {mentionsPreferences} from '../config/contexts/config-file.js'
import {
  errorCode,
  isFull,
  isOutOfFolder,
  notWhole,
  PanelctlError,
  systemReason,
  usageError,
} from '../errors.js'
import type {Flags} from '../flags/flags.js'
import type {Access} from '../http/access.js'
import {dispatch, speechOptions, topicOf, wantsHelp} from './argv.js'
import type {Command} from './command.js'
import {globalFlags} from './global-flags.js'
import {Interrupted, interruption} from './interrupted.js'
import {ReaderGone, writeOut} from './io.js'
import type {Preferred} from './preferences.js'
import {reportHint} from './report.js'
import {type Findings, type Runtime, run} from './run.js'
import {scan} from './scan.js'
import {createSpeech} from './speech.js'
import {unknownCommand} from './unknown-command.js'
import {isSecretFlag, whereSecretsGo} from './unknown-flag.js'

export interface Program extends Runtime {
  /** Where bugs are reported; none before the program is published. */
  readonly bugs?: string | undefined
  /** The panels, for a message that has to know them. */
  panels(): Promise<readonly Access[]>
}

/**
 * What is preferred for a command, read only where anything is. `config` itself prints what it does anywhere, and is not
 * kept from mending what is wrong.
 */
async function preferences(
  request: ReturnType<typeof dispatch>,
  flags: Flags,
  {env, panels}: Program,
): Promise<Preferred> {
  if (request.kind !== 'command' || request.id.startsWith('config:')) return {}
  if (wantsHelp(request.argv, flags) || !mentionsPreferences(env)) return {}
  const {preferredFor} = await import('./preferences.js')
  const given = new Map(scan(request.argv, flags).given.map(({name, value}) => [name, value]))
  const [context, url] = [given.get('context'), given.get('url')]
  return preferredFor({id: request.id, env, flags: {context, url}, panels})
}

async function perform(
  request: ReturnType<typeof dispatch>,
  command: Command | undefined,
  program: Program & Findings,
): Promise<unknown> {
  if (request.kind === 'command' && command && !wantsHelp(request.argv, command.flags)) {
    const running = run(request.id, command, request.argv, program)
    return command.endsItself ? running : Promise.race([running, interruption(program.signal)])
  }
  if (request.kind === 'unknown') throw await unknownCommand(request.words, program, request.argv)
  const words = request.kind === 'command' ? request.id.split(':') : request.words
  const {helpPage} = await import('./help.js')
  const page = await helpPage(words, program)
  if (page === undefined) throw await unknownCommand(words, program)
  return writeOut(program.io, page)
}

/** Whether a file of the program is missing, as oclif says it too, kept from us, or cut off: the stack of what does not compile begins with the file. */
function isOfDamage(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const isCut = error instanceof SyntaxError && error.stack?.startsWith('SyntaxError') === false
  // Who reads another file says whose it is; the parts of the program are read by Node itself, and its help by bin/code-cache.js.
  const reader = error.stack
    ?.split('\n')
    .find(line => /^ +at (?!.*\(node:(?!internal\/modules\/))/.test(line))
  const isOwn = /\(node:internal\/modules\/|[/\\]code-cache\.js:/.test(reader ?? '')
  const isKept = isOwn && ['ENOENT', 'EISDIR', 'EACCES', 'EPERM'].includes(errorCode(error) ?? '')
  return (
    isCut ||
    isKept ||
    /MODULE_NOT_FOUND|ERR_INVALID_PACKAGE_CONFIG|Error parsing \S+package\.json/.test(
      `${errorCode(error)} ${error.message}`,
    )
  )
}

/** A failure of ours out of another bundle, the help's or the sandbox's, which has its own copy of the class. */
function adopted(error: unknown): unknown {
  const isCopy = error instanceof Error && error.name === 'PanelctlError' && !(error instanceof PanelctlError)
  return isCopy ? Object.setPrototypeOf(error, PanelctlError.prototype) : error
}

/** Whatever ended a run, as what its user is told. */
async function failureOf(
  error: unknown,
  topic: string | undefined,
  program: Program,
): Promise<PanelctlError> {
  if (error instanceof PanelctlError) {
    if (!isSecretFlag(error)) return error
    const panels = await program.panels()
    return whereSecretsGo(
      error,
      topic,
      panels.map(({panel}) => panel),
    )
  }
  if (isOutOfFolder(error))
    return usageError(
      'the folder that this runs in is gone, and a path is meant from there',
      'run it in another folder, or give whole paths',
    )
  const reason = error instanceof Error ? error.message : String(error)
  const failure = isOfDamage(error)
    ? notWhole(reason, error)
    : new PanelctlError('UNEXPECTED', isFull(error) ? systemReason(error) : `unexpected: ${reason}`, {
        hint: isFull(error) ? 'make room on the disk' : reportHint(program.bugs),
        cause: error,
      })
  return Object.assign(failure, error instanceof Error && error.stack ? {stack: error.stack} : {})
}

/**
 * The whole program for one argv: dispatches, runs, and turns every way out into a message and an exit code.
 * It owns the process's contract (design §4), because oclif breaks it before a command exists.
 */
export async function main(argv: readonly string[], program: Program): Promise<number> {
  // Until the command is known, argv holds global flags alone.
  let flags: Flags = globalFlags
  const secrets = new Set<string>()
  let preferred: Preferred = {}
  try {
    const request = dispatch(argv, program.ids)
    const command = request.kind === 'command' ? await program.load(request.id) : undefined
    flags = command?.flags ?? globalFlags
    preferred = await preferences(request, flags, program)
    const code = await perform(request, command, {...program, secrets, preferred})
    return typeof code === 'number' ? code : 0
  } catch (error) {
    if (error instanceof ReaderGone) return 0
    if (error instanceof Interrupted) return error.exitCode
    const failure = await failureOf(adopted(error), topicOf(argv, flags), program)
    createSpeech(program.io, {...speechOptions(argv, flags, program.env, preferred), secrets}).fail(failure)
    return failure.exitCode
  }
}
