import {parseDocument} from 'yaml'
import type {Surroundings} from '../command/command.js'
import {readIn} from '../command/io.js'
import {usageError} from '../errors.js'
import {flag, type ValuesOf} from '../flags/flags.js'
import type {Assignment, Given, GivenDocument} from '../flags/given.js'
import {readNamed} from '../named-file.js'

/** How a person writes the fields of a thing: as a file, and one by one on top of it. */
export const inputFlags = {
  file: flag.text({
    summary: 'YAML or JSON file with the fields, - for stdin',
    placeholder: 'file',
    filled: true,
  }),
  set: flag.text({
    summary: 'one field on top of the file, a dot for each step inwards',
    placeholder: 'a.b=value',
    multiple: true,
  }),
}

/**
 * The text of a file, of stdin for `-`.
 * @throws PanelctlError USAGE where it cannot be read
 */
export async function textOfFile(file: string, {io}: Pick<Surroundings, 'io'>): Promise<string> {
  return file === '-' ? readIn(io) : readNamed(file)
}

/**
 * The texts of the files that were named.
 * @throws PanelctlError USAGE where one cannot be read, or two are to come from stdin
 */
export async function textOfFiles<const Name extends string>(
  files: Readonly<Record<Name, string | undefined>>,
  surroundings: Pick<Surroundings, 'io'>,
): Promise<Record<Name, string | undefined>> {
  const named = Object.entries<string | undefined>(files)
  if (named.filter(([, file]) => file === '-').length > 1) {
    throw usageError('stdin is one file only', 'give the other one by its name')
  }
  const texts: [string, string | undefined][] = []
  for (const [name, file] of named) {
    texts.push([name, file === undefined ? undefined : await textOfFile(file, surroundings)])
  }
  return Object.fromEntries(texts) as Record<Name, string | undefined>
}

/**
 * A YAML or JSON document out of a file, of stdin for `-`.
 * @throws PanelctlError USAGE where it cannot be read, names a key twice, has unknown tags, or is more than one document
 */
export async function documentOf(
  file: string,
  surroundings: Pick<Surroundings, 'io'>,
): Promise<GivenDocument> {
  return documentIn(file, await textOfFile(file, surroundings))
}

function nameOf(file: string): string {
  return file === '-' ? 'stdin' : file
}

/** The document in a text that came out of a file; throws as `documentOf`. */
export function documentIn(file: string, text: string): GivenDocument {
  const where = nameOf(file)
  const document = parseDocument(text, {prettyErrors: true})
  // A warning tells of a tag that nobody knows, so that its value would be taken for another one.
  const [error] = [...document.errors, ...document.warnings]
  if (error?.code === 'MULTIPLE_DOCS') throw usageError(`${where} holds more than one document`)
  if (error) throw usageError(`${where} is neither YAML nor JSON: ${problemIn(error)}`)
  try {
    return {where, value: document.toJS()}
  } catch (cause) {
    // Aliases of nothing, and aliases within aliases, made to fill the memory.
    throw usageError(`${where} cannot be read: ${problemIn(cause)}`)
  }
}

/** What YAML says, without the text itself: a password without quotes may begin with ! or *, a tag or an alias. */
function problemIn(cause: unknown): string {
  const [line = ''] = cause instanceof Error ? cause.message.split('\n') : []
  return line
    .replace(/^Maximum call stack size exceeded\b/, 'it is nested too deeply')
    .replace(/^(Unresolved tag): .*(?= at line )/, '$1, which a text in quotes is not,')
    .replace(/^(Unresolved alias)\b.*/, '$1, which a text in quotes is not')
    .replace(/:$/, '')
}

function assignmentOf(text: string): Assignment {
  const end = text.indexOf('=')
  const path = text.slice(0, Math.max(0, end)).split('.')
  if (end < 1 || path.includes('')) {
    // The rest may be a secret, as in `os_pass:…`.
    const [name = ''] = /^[\w.-]*/.exec(text) ?? []
    throw usageError(`--set "${name === text ? name : `${name}…`}" is not name=value`)
  }
  return {where: '--set', path, value: text.slice(end + 1), isText: true}
}

/** A field whose value is in a file of its own, as a password is: the flag that names the file. */
export interface SecretFile {
  readonly field: string
  readonly flag: string
  readonly file: string | undefined
}

/**
 * Reads the input flags, and the files of single fields, which are on top of the document.
 * @throws PanelctlError USAGE where one cannot be read or is empty, or two are to come from stdin
 */
export async function inputOf(
  flags: ValuesOf<typeof inputFlags>,
  surroundings: Pick<Surroundings, 'io'>,
  secrets: readonly SecretFile[] = [],
): Promise<Given> {
  const written = flags.set.map(assignmentOf)
  const files = secrets.map(({flag: name, file}): [string, string | undefined] => [name, file])
  const texts: Readonly<Record<string, string | undefined>> = await textOfFiles(
    {...Object.fromEntries(files), file: flags.file},
    surroundings,
  )
  const read = secrets.flatMap(({field, flag: name, file}): Assignment[] => {
    if (file === undefined) return []
    // A file ends with a line break, which is no part of a password.
    const value = texts[name]?.replace(/\r?\n$/, '') ?? ''
    if (value === '') throw usageError(`${nameOf(file)} is empty`)
    return [{where: `--${name}`, path: [field], value}]
  })
  return {
    document: flags.file === undefined ? undefined : documentIn(flags.file, texts.file ?? ''),
    assignments: [...read, ...written],
  }
}
