import {usageError} from '../errors.js'
import type {Flags} from '../flags/flags.js'
import {type PanelctlCommand, panelctl} from '../hint.js'
import {nearestNames} from '../nearest-names.js'
import {formats, isFormat} from '../output/formats.js'
import {actionFlags, confirmFlags, globalFlags, watchFlags} from './global-flags.js'
import type {Environment} from './io.js'
import type {Preferred} from './preferences.js'
import {commandWords, flagAt, scan, shortVerbs, spelledOut} from './scan.js'
import type {SpeechOptions} from './speech.js'
import {flagMeant, unknownFlag} from './unknown-flag.js'

/** What argv asks for. */
type Request =
  /** The global flags that stood before the command are in front of its own words. */
  | {readonly kind: 'command'; readonly id: string; readonly argv: readonly string[]}
  | {readonly kind: 'help'; readonly words: readonly string[]}
  /** No command begins so. */
  | {readonly kind: 'unknown'; readonly words: readonly string[]; readonly argv: readonly string[]}

/** The shorter ways to type a command. */
export function aliasesOf(id: string): string[] {
  return Object.entries(shortVerbs).flatMap(([short, verb]) =>
    id.split(/[ :]/).at(-1) === verb ? [`${id.slice(0, -verb.length)}${short}`] : [],
  )
}

/** The command that explains another: `panel:server:list`, or the words of a topic. */
export function helpOf(id: string): PanelctlCommand {
  return panelctl(id.replaceAll(':', ' '), [], {flags: {help: true}})
}

/**
 * Refuses `--json=false`.
 * @throws PanelctlError USAGE for a value behind a flag that takes none
 */
export function refuseValues(argv: readonly string[], flags: Flags): void {
  for (const word of scan(argv, flags).unknown) {
    const [, given = ''] = /^--([^=]+)=/.exec(word) ?? []
    const name = Object.hasOwn(flags, given) ? given : given.replace(/^no-/, '')
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined
    if (flag?.type !== 'boolean' || (name !== given && !flag.allowNo)) continue
    const other = name === given ? `no-${name}` : name
    throw usageError(
      `--${given} takes no value`,
      `give --${given} alone${flag.allowNo ? `, or --${other}` : ', or leave it out'}`,
    )
  }
}

/** The first word that is neither a flag nor the value of one: what argv is about. */
export function topicOf(argv: readonly string[], flags: Flags): string | undefined {
  return scan(argv, flags).words.flatMap(commandWords)[0]
}

/** Whether it ends with a `--` that nothing stands behind: of `-- $COMMAND`, where the variable is empty. */
export function endsInNothing(argv: readonly string[], flags: Flags): boolean {
  return argv.at(-1) === '--' && scan(argv, flags).end === argv.length - 1
}

/** What stands before the `--` of argv, and what behind it. */
export function aroundDashes(
  argv: readonly string[],
  flags: Flags,
): {before: readonly string[]; behind: readonly string[]} {
  const {end} = scan(argv, flags)
  return {before: argv.slice(0, end), behind: argv.slice(end + 1)}
}

/** Whether `-h` or `--help` is among the flags; where a flag misses its value, it may have been meant for that. */
export function wantsHelp(argv: readonly string[], flags: Flags): boolean {
  const {given} = scan(argv, flags)
  return given.some(({name}, at) => {
    const before = given[at - 1]
    const isMeantAsValue = before && flags[before.name]?.type === 'option' && before.value === undefined
    return name === 'help' && !isMeantAsValue
  })
}

/** How errors are to be printed: told without the parser, as they may come from it. */
export function speechOptions(
  argv: readonly string[],
  flags: Flags,
  env: Environment,
  {output}: Preferred = {},
): SpeechOptions {
  const given = new Map(scan(argv, flags).given.map(({name, value}) => [name, value]))
  const format = given.get('output') ?? (env.PANELCTL_OUTPUT || output)
  return {
    asJson: given.has('json') || (isFormat(format) && formats[format].isJson === true),
    quiet: given.has('quiet'),
    debug: given.has('debug'),
  }
}

/** Without the earlier ones of a flag given twice: the last one wins, so that an alias can be overruled. */
export function lastOfEach(argv: readonly string[], flags: Flags): string[] {
  const {given} = scan(argv, flags)
  const last = new Map(given.map(flag => [flag.name, flag]))
  const overruled = given.filter(flag => !flags[flag.name]?.multiple && last.get(flag.name) !== flag)
  return argv.filter((_, at) => !overruled.some(({start, length}) => at >= start && at < start + length))
}

/** `"panel server list"`: the quotes were one too many. */
function unquoted(word: string, index: number): string[] {
  return index === 0 ? word.trim().split(/\s+/) : [word]
}

/** What `help` is asked about: the words behind a whole command are its arguments. */
function helpWords(rest: readonly string[], ids: readonly string[]): string[] {
  const words = spelledOut(scan(rest, globalFlags).words.flatMap(commandWords))
  const command = words.findIndex((_, index) => ids.includes(words.slice(0, index + 1).join(':')))
  // Of help there is nothing to say but what it says by itself.
  return command === -1 ? words.filter(word => word !== 'help') : words.slice(0, command + 1)
}

/**
 * Finds the command in argv. Global flags may stand before it or between its words, and are moved behind it.
 * @throws PanelctlError USAGE for an unknown flag
 */
export function dispatch(argv: readonly string[], ids: readonly string[]): Request {
  const moved: string[] = []
  const words: string[] = []
  for (let index = 0; index < argv.length; ) {
    const given = argv[index] ?? ''
    const word = words.length === 0 && ['--version', '-v', '-V'].includes(given) ? 'version' : given
    const flag = flagAt(argv, index, globalFlags)
    if (flag) {
      moved.push(...argv.slice(index, index + flag.length))
      index += flag.length
      continue
    }
    if (word.startsWith('-')) {
      refuseValues([word], globalFlags)
      const known = Object.keys(globalFlags)
      if (words.length === 0) throw unknownFlag(word, flagMeant(word, ['version', ...known], helpOf('')))
      // Behind a word that is no flag.
      const isVersion = nearestNames(word.replace(/^--/, ''), ['version']).length > 0
      const otherwise = isVersion ? panelctl('', [], {flags: {version: true}}) : helpOf(words.join(':'))
      throw unknownFlag(word, flagMeant(word, known, otherwise))
    }
    words.push(...commandWords(word))
    index += 1
    const path = spelledOut(words).join(':')
    const rest = argv.slice(index)
    if (path === 'help') return {kind: 'help', words: helpWords(rest, ids)}
    if (ids.includes(path)) return {kind: 'command', id: path, argv: [...moved, ...rest]}
    if (!ids.some(id => id.startsWith(`${path}:`))) {
      // What is known of flags where the command is not.
      const shared = {...globalFlags, ...watchFlags, ...actionFlags, ...confirmFlags}
      return {
        kind: 'unknown',
        words: [...words, ...scan(rest, shared).alone.flatMap(commandWords)].flatMap(unquoted),
        argv: [...words.flatMap(unquoted), ...rest],
      }
    }
  }
  if (wantsHelp(moved, globalFlags) || moved.length === 0) return {kind: 'help', words}
  const topic = words.join(':')
  throw usageError(
    topic === '' ? 'no command was given' : `panelctl ${topic.replaceAll(':', ' ')} is a group of commands`,
    helpOf(topic),
  )
}
