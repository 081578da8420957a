import {isPanelctlError, PanelctlError, usageError} from '../errors.js'
import type {Flags} from '../flags/flags.js'
import type {Access} from '../http/access.js'
import {formats, isFormat} from '../output/formats.js'
import type {Command} from './command.js'
import {globalFlagLength, globalFlags} from './global-flags.js'
import {Interrupted} from './interrupted.js'
import {ReaderGone} from './io.js'
import {helpOf} from './parse.js'
import {type Runtime, run} from './run.js'
import {SecretFlag, whereSecretsGo} from './secret-flag.js'
import {createSpeech} from './speech.js'
import {unknownCommand} from './unknown-command.js'

export interface Program extends Runtime {
  /** The ids of all commands: `nezha:server:list`. */
  readonly ids: readonly string[]
  /** Where bugs are reported; none before the program is published. */
  readonly bugs?: string | undefined
  load(id: string): Promise<Command>
  /** The panels, for a message that has to know them. */
  panels(): Promise<readonly Access[]>
}

/** What argv asks for. */
type Request =
  | {readonly kind: 'command'; readonly id: string; readonly argv: readonly string[]}
  | {readonly kind: 'help'; readonly words: readonly string[]}
  | {readonly kind: 'version'}
  /** No command begins so. */
  | {readonly kind: 'unknown'; readonly words: readonly string[]}

/** Whether `-h` or `--help` is among the words; what stands behind a flag that takes a value is that value. */
function wantsHelp(words: readonly string[], flags: Flags): boolean {
  const valued = Object.entries(flags).flatMap(([name, {type, char}]) =>
    type === 'option' ? [`--${name}`, ...(char ? [`-${char}`] : [])] : [],
  )
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ''
    if (word === '--') return false
    if (word === '-h' || word === '--help') return true
    if (valued.includes(word)) index += 1
  }
  return false
}

/**
 * Finds the command in argv. Global flags may stand before it or between its words, and are moved behind it.
 * @throws PanelctlError USAGE for an unknown flag
 */
export function dispatch(argv: readonly string[], ids: readonly string[]): Request {
  const moved: string[] = []
  const words: string[] = []
  for (let index = 0; index < argv.length; ) {
    const word = argv[index] ?? ''
    if (word === '--version' && words.length === 0) return {kind: 'version'}
    const length = globalFlagLength(argv, index)
    if (length > 0) {
      moved.push(...argv.slice(index, index + length))
      index += length
      continue
    }
    if (word.startsWith('-')) {
      const [flag] = word.split('=')
      throw flag === '--token'
        ? new SecretFlag()
        : usageError(`unknown flag ${flag}`, helpOf(words.join(':')))
    }
    words.push(...word.split(':'))
    index += 1
    const path = words.join(':')
    const rest = argv.slice(index)
    if (path === 'help') return {kind: 'help', words: helpWords(rest, ids)}
    if (ids.includes(path)) return {kind: 'command', id: path, argv: [...moved, ...rest]}
    if (!ids.some(id => id.startsWith(`${path}:`))) return {kind: 'unknown', words: [...words, ...rest]}
  }
  if (wantsHelp(moved, globalFlags) || moved.length === 0) return {kind: 'help', words}
  const topic = words.join(':')
  throw usageError(
    topic === '' ? 'no command was given' : `panelctl ${topic.replaceAll(':', ' ')} is a group of commands`,
    helpOf(topic),
  )
}

/** What `help` is asked about: the words behind a whole command are its arguments. */
function helpWords(rest: readonly string[], ids: readonly string[]): string[] {
  const words = rest.filter(word => !word.startsWith('-')).flatMap(word => word.split(':'))
  const command = words.findIndex((_, index) => ids.includes(words.slice(0, index + 1).join(':')))
  return command === -1 ? words : words.slice(0, command + 1)
}

/** What to do about a bug of ours. */
export function reportHint(bugs: string | undefined): string {
  return `run it again with --debug and report what it prints, ${bugs ? `at ${bugs}` : 'where you have panelctl from'}`
}

/** How errors are to be printed: found without the parser, as they may come from it. */
function speechOf(argv: readonly string[], {io, env}: Runtime) {
  let format = env.PANELCTL_OUTPUT
  const end = argv.indexOf('--')
  const words = end === -1 ? argv : argv.slice(0, end)
  words.forEach((word, index) => {
    if (word === '-o' || word === '--output') format = words[index + 1] ?? format
    else if (word.startsWith('--output=')) format = word.slice('--output='.length)
    else if (/^-o[^-]/.test(word)) format = word.slice(2).replace(/^=/, '')
  })
  return createSpeech(io, {
    asJson: (isFormat(format) && formats[format].jsonErrors === true) || words.includes('--json'),
    quiet: words.includes('--quiet'),
    debug: words.includes('--debug'),
  })
}

async function perform(argv: readonly string[], program: Program): Promise<unknown> {
  const request = dispatch(argv, program.ids)
  if (request.kind === 'command') {
    const command = await program.load(request.id)
    if (wantsHelp(request.argv, command.flags)) {
      const {printHelp} = await import('./help.js')
      await printHelp(request.id.split(':'), program, program.ids)
      return undefined
    }
    const running = run(request.id, command, request.argv, program)
    return command.endsItself ? running : Promise.race([running, interruption(program.signal)])
  }
  if (request.kind === 'unknown') throw await unknownCommand(request.words, program)
  const help = await import('./help.js')
  if (request.kind === 'version') await help.printVersion(program)
  else if (help.hasHelp(request.words, program.ids)) await help.printHelp(request.words, program, program.ids)
  else throw await unknownCommand(request.words, program)
  return undefined
}

function interruption(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), {once: true})
  })
}

/** Whatever ended a run, as what its user is told. */
async function failureOf(error: unknown, argv: readonly string[], program: Program): Promise<PanelctlError> {
  if (error instanceof SecretFlag) {
    const panels = await program.panels()
    return whereSecretsGo(
      error,
      argv,
      panels.map(({panel}) => panel),
    )
  }
  if (isPanelctlError(error)) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new PanelctlError('UNEXPECTED', `unexpected: ${reason}`, {
    hint: reportHint(program.bugs),
    cause: error,
  })
}

/**
 * The whole program for one argv: dispatches, runs, and turns every way out into a message and an exit code.
 * It owns the process's contract (design §4), because oclif breaks it before a command exists.
 */
export async function main(argv: readonly string[], program: Program): Promise<number> {
  try {
    const code = await perform(argv, program)
    return typeof code === 'number' ? code : 0
  } catch (error) {
    if (error instanceof ReaderGone) return 0
    if (error instanceof Interrupted) return error.exitCode
    const failure = await failureOf(error, argv, program)
    if (failure.code === 'UNEXPECTED' && error instanceof Error && error.stack) failure.stack = error.stack
    speechOf(argv, program).fail(failure)
    return failure.exitCode
  }
}
