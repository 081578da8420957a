import {isIP} from 'node:net'
import {PanelctlError, usageError} from '../errors.js'
import {parseDuration, parseSpan} from './duration.js'
import {parseMegabytes} from './megabytes.js'

/**
 * A flag or argument as oclif's parser takes it, with the type of its value.
 * We make these ourselves rather than with oclif's `Flags`, so that none reads the environment or stdin,
 * and none swallows the argument after it (design §4, the oclif table).
 */
interface Parameter<T> {
  readonly summary: string
  readonly required?: boolean
  readonly multiple?: boolean
  readonly options?: readonly string[]
  /** The command that prints its values, as it is typed, for a shell to complete: `panel server list --columns name,id`. */
  readonly among?: string
  parse(input: string, context?: unknown, definition?: {readonly name?: string}): Promise<unknown>
  /** Only for the compiler: the type that a command sees. */
  readonly valueType?: T
}

export interface Flag<T> extends Parameter<T> {
  readonly type: 'option' | 'boolean'
  readonly char?: string
  readonly allowNo?: boolean
  readonly default?: unknown
  readonly helpValue?: string
  readonly helpGroup?: string
  readonly multipleNonGreedy?: true
  readonly hidden?: boolean
}

export interface Argument<T> extends Parameter<T> {
  readonly ignoreStdin: true
  readonly description: string
  /** True where each of several is done by itself, so that a command sees one. */
  readonly each?: true
  /** True where it is, or may be, a file. */
  readonly files?: true
  /** The argument whose value names the flag that would take this, and behind a dot the words of its command. */
  readonly asFlagOf?: string
  /** True for all that stands behind `--`, as it is. */
  readonly behind?: true
}

export type Flags = Readonly<Record<string, Flag<unknown>>>
export type Arguments = Readonly<Record<string, Argument<unknown>>>
export type ValuesOf<P> = {readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never}

interface Options {
  readonly summary: string
  readonly required?: true
  readonly multiple?: true
  readonly default?: string | number
  readonly char?: string
  /** What stands for the value in help: `<name>`. */
  readonly placeholder?: string
  readonly group?: string
  readonly among?: string
}

type Value<O extends Options, T> = O extends {multiple: true}
  ? T[]
  : O extends {required: true} | {default: string | number}
    ? T
    : T | undefined

function option<O extends Options, T>(
  options: O,
  parse: (input: string) => T,
  more: {options?: readonly string[]} = {},
): Flag<Value<O, T>> {
  return {
    type: 'option',
    summary: options.summary,
    ...(options.char ? {char: options.char} : {}),
    ...(options.required ? {required: true} : {}),
    ...(options.default === undefined ? {} : {default: options.default}),
    ...(options.multiple ? {multiple: true, multipleNonGreedy: true as const} : {}),
    ...(options.placeholder ? {helpValue: `<${options.placeholder}>`} : {}),
    ...(options.group ? {helpGroup: options.group} : {}),
    ...(options.among ? {among: options.among} : {}),
    ...more,
    parse: async input => parse(input),
  }
}

/** What anything but a text is written as: that is never empty. */
function written<O extends Options, T>(
  options: O,
  parse: (input: string) => T,
  more: {options?: readonly string[]} = {},
): Flag<Value<O, T>> {
  return option(options, input => parse(filled(input)), more)
}

/** Most often a shell variable that was not set; `where` it was given. */
export function emptyText(where?: string): PanelctlError {
  const message = 'an empty text was given'
  return usageError(where === undefined ? message : `${where}: ${message}`, 'is a shell variable not set?')
}

function filled(input: string): string {
  if (input === '') throw emptyText()
  return input
}

/** A name that can stand in an address as one part of its path: each of the others would lead elsewhere. */
function nameInPath(input: string): string {
  if (input.trim() === '') return filled(input.trim())
  if (input.includes('/') || input === '.' || input === '..') {
    throw usageError(`no address leads to something called "${input}"`, 'give a name without a slash')
  }
  return input
}

function integerIn(input: string, min: number, max: number): number {
  if (!/^[+-]?\d+$/.test(input)) throw usageError(`"${input}" is not a whole number`)
  const value = Number(input)
  if (value < min || value > max) {
    if (max < Number.MAX_SAFE_INTEGER) throw usageError(`${input} is not within ${min} and ${max}`)
    throw usageError(value < min ? `${input} is less than ${min}` : `${input} is too large`)
  }
  return value
}

function address(input: string): string {
  if (isIP(input) === 0) throw usageError(`"${input}" is not an IP address`, 'as in 192.168.1.10 or fd00::1')
  return input
}

/** Where something listens. */
export interface AddressAndPort {
  readonly address: string
  readonly port: number
}

function addressAndPort(input: string): AddressAndPort {
  const [, bracketed, bare, port] = /^(?:\[(.*)\]|([^:]*)):(\d+)$/.exec(input) ?? []
  const found = bracketed ?? bare ?? ''
  if (port === undefined || isIP(found) !== (bracketed === undefined ? 4 : 6)) {
    throw usageError(
      `"${input}" is not an IP address and a port`,
      isIP(input) === 6 ? `write [${input}]:80` : 'as in 192.168.1.10:80 or [fd00::1]:80',
    )
  }
  return {address: found, port: integerIn(port, 1, 65_535)}
}

/** The kinds of flags. Each takes its summary and gives the value's type: `T`, `T | undefined` or `T[]`. */
export const flag = {
  /** `filled` refuses an empty text: most often a shell variable that was not set. */
  text<const O extends Options & {readonly filled?: true}>(options: O): Flag<Value<O, string>> {
    return option(options, options.filled ? filled : input => input) as Flag<Value<O, string>>
  },
  integer<const O extends Options & {min?: number; max?: number}>(options: O): Flag<Value<O, number>> {
    const {min = 0, max = Number.MAX_SAFE_INTEGER} = options
    return written({placeholder: 'n', ...options}, input => integerIn(input, min, max)) as Flag<
      Value<O, number>
    >
  },
  choice<const C extends readonly string[], const O extends Options>(
    choices: C,
    options: O,
  ): Flag<Value<O, C[number]>> {
    return written(options, input => input, {options: choices})
  },
  /** An IP address of either version. */
  address<const O extends Options>(options: O): Flag<Value<O, string>> {
    return written({placeholder: 'address', ...options}, address) as Flag<Value<O, string>>
  },
  /** `192.168.1.10:80`, `[fd00::1]:80`. */
  addressAndPort<const O extends Options>(options: O): Flag<Value<O, AddressAndPort>> {
    return written({placeholder: 'ip:port', ...options}, addressAndPort) as Flag<Value<O, AddressAndPort>>
  },
  /** How far back, `2h` or `30d`: milliseconds. */
  span<const O extends Options>(options: O): Flag<Value<O, number>> {
    return written({placeholder: 'duration', ...options}, parseSpan) as Flag<Value<O, number>>
  },
  /** How long something may take, `500ms`, `30s`, `5m`, `2h`: milliseconds. */
  duration<const O extends Options>(options: O): Flag<Value<O, number>> {
    return written({placeholder: 'duration', ...options}, parseDuration) as Flag<Value<O, number>>
  },
  /** `4096`, `4G`, `10GiB`: whole megabytes, `min` of them at least. */
  megabytes<const O extends Options & {min?: number}>(options: O): Flag<Value<O, number>> {
    return written({placeholder: 'size', ...options}, input => parseMegabytes(input, options.min)) as Flag<
      Value<O, number>
    >
  },
  boolean(options: {summary: string; char?: string; group?: string}): Flag<boolean> {
    return {
      type: 'boolean',
      summary: options.summary,
      ...(options.char ? {char: options.char} : {}),
      ...(options.group ? {helpGroup: options.group} : {}),
      default: false,
      parse: async input => input,
    }
  },
  /** `--x` and `--no-x`; undefined where neither was given. */
  toggle(options: {summary: string}): Flag<boolean | undefined> {
    return {type: 'boolean', summary: options.summary, allowNo: true, parse: async input => input}
  },
}

interface ArgumentOptions {
  readonly summary: string
  readonly required?: true
  readonly multiple?: true
  /** Several may be given, and an action is done to each of them: the value is one. */
  readonly each?: true
  /** What to do instead, for who gives something else. */
  readonly hint?: string
  /** It may be a file, which a shell completes. */
  readonly files?: true
  readonly asFlagOf?: string
  readonly among?: string
}

type ArgumentValue<O extends ArgumentOptions, T> = O extends {multiple: true}
  ? T[]
  : O extends {required: true}
    ? T
    : T | undefined

function argument<O extends ArgumentOptions, T>(
  {hint, ...options}: O,
  parse: (input: string) => T,
  more: {options?: readonly string[]} = {},
): Argument<ArgumentValue<O, T>> {
  return {
    ...options,
    ...more,
    ...(options.each ? {multiple: true} : {}),
    description: options.summary,
    ignoreStdin: true,
    // oclif names the flag that is wrong, but not the argument.
    async parse(input, _context, definition) {
      try {
        return parse(input)
      } catch (error) {
        if (!(error instanceof PanelctlError) || definition?.name === undefined) throw error
        const instead = input === '' ? error.hint : (hint ?? error.hint)
        throw usageError(`${definition.name.toUpperCase()}: ${error.message}`, instead)
      }
    },
  }
}

/** The kinds of arguments, as `flag`. None is ever read from stdin: that would eat the input of a `while read` loop. */
export const arg = {
  text<const O extends ArgumentOptions>(options: O): Argument<ArgumentValue<O, string>> {
    return argument(options, filled)
  },
  /** A command with its arguments: all that stands behind `--`, whatever it looks like. */
  words(options: {readonly summary: string}): Argument<string[]> {
    return {...argument({...options, required: true, multiple: true}, input => input), behind: true}
  },
  /** A name that is one part of a path. */
  name<const O extends ArgumentOptions>(options: O): Argument<ArgumentValue<O, string>> {
    return argument(options, nameInPath)
  },
  /** A positive whole number. */
  id<const O extends ArgumentOptions>(options: O): Argument<ArgumentValue<O, number>> {
    return argument(options, input => integerIn(filled(input), 1, Number.MAX_SAFE_INTEGER))
  },
  choice<const C extends readonly string[], const O extends ArgumentOptions>(
    choices: C,
    options: O,
  ): Argument<ArgumentValue<O, C[number]>> {
    const check = (input: string) => {
      if (choices.includes(filled(input))) return input
      throw usageError(`expected ${input} to be one of: ${choices.join(', ')}`)
    }
    return argument(options, check, {options: choices})
  },
}
