import type {Flag} from '../flags/flags.js'

// Needs nothing else of the program, as it is in the small bundle that answers a shell's Tab too.

/** What has to be known of flags to find them in argv. */
export type FlagShapes = Readonly<Record<string, Pick<Flag<unknown>, 'type' | 'char' | 'allowNo'>>>

/** A flag as it stands in argv. */
export interface GivenFlag {
  readonly name: string
  /** Undefined for a switch, and where it is missing. */
  readonly value?: string | undefined
  readonly start: number
  /** How many words it takes: two of `--context x`, one of `--json`, `--output=json`, `-ojson`. */
  readonly length: 1 | 2
}

/** What may be typed for the last word of a command, everywhere. */
export const shortVerbs: Readonly<Record<string, string>> = {ls: 'list', rm: 'delete'}

/** The words with what the short verbs among them stand for. */
export function spelledOut(words: readonly string[]): string[] {
  return words.map(word => (Object.hasOwn(shortVerbs, word) ? (shortVerbs[word] ?? word) : word))
}

/** The words of `panel:server:list`, as oclif names commands; what else has a colon is one word, as `http://host`. */
export function commandWords(word: string): string[] {
  return /^[a-z-]+(:[a-z-]+)+$/.test(word) ? word.split(':') : [word]
}

/** The flag at a place of argv as oclif's parser takes it: what is a flag itself is nobody's value. */
export function flagAt(argv: readonly string[], start: number, flags: FlagShapes): GivenFlag | undefined {
  const word = argv[start] ?? ''
  const isLong = word.startsWith('--')
  const dashed = isLong ? word.split('=', 1)[0] : word.slice(0, 2)
  const found = Object.entries(flags).find(([name, {char, allowNo}]) =>
    isLong ? dashed === `--${name}` || (allowNo && dashed === `--no-${name}`) : dashed === `-${char}`,
  )
  if (!found || dashed === undefined) return undefined
  const [name, {type}] = found
  const joined = word === dashed ? undefined : word.slice(dashed.length).replace(/^=/, '')
  if (type === 'boolean') return isLong && joined !== undefined ? undefined : {name, start, length: 1}
  if (joined !== undefined) return {name, value: joined, start, length: 1}
  const next = argv[start + 1]
  const isFlag = next !== undefined && !/^--.*=/.test(next) && flagAt([next], 0, flags) !== undefined
  return next === undefined || isFlag ? {name, start, length: 1} : {name, value: next, start, length: 2}
}

/** Tells the flags in argv, up to its end or to `--`, from the words between them. */
export function scan(argv: readonly string[], flags: FlagShapes) {
  const given: GivenFlag[] = []
  const words: string[] = []
  /** Those that are no value, whatever the unknown flags are. */
  const alone: string[] = []
  let mayBeValue = false
  /** What looks like a flag, and is none. */
  const unknown: string[] = []
  let end = 0
  while (end < argv.length && argv[end] !== '--') {
    const flag = flagAt(argv, end, flags)
    const word = argv[end] ?? ''
    if (flag) given.push(flag)
    else if (word.startsWith('-')) unknown.push(word)
    else {
      words.push(word)
      if (!mayBeValue) alone.push(word)
    }
    mayBeValue = !flag && /^(-[^-]|--[^=]+)$/.test(word)
    end += flag?.length ?? 1
  }
  return {given, words, alone, unknown, end}
}
