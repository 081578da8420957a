import {parse as parseWords} from '@oclif/core/parser'
import {missingWords, PanelctlError, usageError} from '../errors.js'
import {emptyText} from '../flags/flags.js'
import type {Hint} from '../hint.js'
import {printable} from '../output/printable.js'
import {aroundDashes, endsInNothing, helpOf, lastOfEach, refuseValues} from './argv.js'
import type {Command} from './command.js'
import {scan} from './scan.js'
import {flagMeant, unknownFlag} from './unknown-flag.js'

export interface Parsed {
  readonly args: Readonly<Record<string, unknown>>
  readonly flags: Readonly<Record<string, unknown>>
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

/** oclif's parser errors in our words: one line, field by field, as they hold a dump of argv and of the definitions. */
function explain(error: Error, command: Command, help: Hint): PanelctlError {
  if ('flags' in error) {
    const [word = ''] = strings(error.flags)
    return unknownFlag(word, flagMeant(word, Object.keys(command.flags), help))
  }
  if ('args' in error && Array.isArray(error.args)) {
    const [first] = error.args
    // Surplus arguments are the words themselves, missing ones are definitions.
    if (typeof first === 'string') return usageError(`unexpected argument "${first}"`, help)
    const names = error.args.map((missing: {name?: string}) => `${missing.name?.toUpperCase()}`)
    return usageError(missingWords('argument', names), help)
  }
  const missing = [...error.message.matchAll(/^\s*Missing required flag (\w\S*)/gm)].map(
    ([, name]) => `--${name}`,
  )
  if (missing.length > 0) return usageError(missingWords('required flag', missing), help)
  const text = error.message
    .replace(/\n?See more help with --help$/, '')
    .replace(/^The following errors? occurred:\s*/, '')
    .replace(/^Parsing (--\S+)\s*/, '$1: ')
  const line = printable(text).replace(/\s+/g, ' ').trim()
  return usageError(line.charAt(0).toLowerCase() + line.slice(1), help)
}

/**
 * Reads the words behind a command's name.
 * @throws PanelctlError USAGE naming the flag or argument that is wrong
 */
export async function parseArguments(id: string, command: Command, argv: readonly string[]): Promise<Parsed> {
  const help = helpOf(id)
  // Without a word that nobody gave, something else would happen than what was asked for.
  if (Object.values(command.args).some(({multiple}) => multiple) && endsInNothing(argv, command.flags))
    throw usageError('nothing stands behind --', help)
  refuseValues(argv, command.flags)
  const all = Object.entries(command.args)
  const whole = all.find(([, {behind}]) => behind)
  const {before, behind} = whole ? aroundDashes(argv, command.flags) : {before: argv, behind: []}
  const words = lastOfEach(before, command.flags)
  const empty = scan(words, command.flags).given.find(
    ({name, value}) => value === '' && command.flags[name]?.options,
  )
  if (empty) throw emptyText(`--${empty.name}`)
  try {
    const {args, flags} = await parseWords(words, {
      // The parser writes names into the definitions; the command's own stay as they are. Arguments say themselves which they
      // are where one is none of its choices, and oclif does not.
      args: structuredDefinitions(
        Object.fromEntries(
          all.flatMap(([name, {options: _, ...one}]) => (name === whole?.[0] ? [] : [[name, one]])),
        ),
      ),
      flags: structuredDefinitions(command.flags),
      strict: true,
    } as unknown as Parameters<typeof parseWords>[1])
    if (whole && behind.length === 0)
      throw usageError(`missing argument ${whole[0].toUpperCase()}, which stands behind --`, help)
    return {
      args: withLists({...args, ...(whole && {[whole[0]]: behind})}, command.args),
      flags: withLists(await withDefaults(flags, command.flags), command.flags),
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    if (error instanceof PanelctlError) {
      const message = error.message.replace(/^Parsing (--\S+)\s+/, '$1: ').split('\n')[0] ?? ''
      throw new PanelctlError(error.code, printable(message).trim(), {hint: error.hint ?? help})
    }
    if (!('oclif' in error)) throw error
    throw explain(error, command, help)
  }
}

function structuredDefinitions<T extends object>(
  definitions: Readonly<Record<string, T>>,
): Record<string, T> {
  return Object.fromEntries(Object.entries(definitions).map(([name, definition]) => [name, {...definition}]))
}

/** oclif takes a default as it is written, and help shows it so: `5s` is no number of milliseconds yet. */
async function withDefaults(
  values: Record<string, unknown>,
  definitions: Command['flags'],
): Promise<Record<string, unknown>> {
  for (const [name, {type, default: usual, parse}] of Object.entries(definitions)) {
    if (type === 'option' && typeof usual === 'string' && values[name] === usual)
      values[name] = await parse(usual)
  }
  return values
}

/** What is repeatable and was not given is an empty list. */
function withLists(
  values: Record<string, unknown>,
  definitions: Command['args'] | Command['flags'],
): Record<string, unknown> {
  for (const [name, {multiple}] of Object.entries(definitions)) {
    if (multiple && values[name] === undefined) values[name] = []
  }
  return values
}
