import {readFile} from 'node:fs/promises'
import {parseDocument} from 'yaml'
import type {Surroundings} from '../command/command.js'
import {readIn} from '../command/io.js'
import {fileProblem, usageError} from '../errors.js'
import {flag, type ValuesOf} from '../flags/flags.js'

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

/** A document that somebody gave, and where, for messages. */
export interface GivenDocument {
  readonly where: string
  readonly value: unknown
}

/** One field that somebody set: its path, and the value as a text. */
export interface Assignment {
  readonly path: readonly string[]
  readonly text: string
}

/** What the input flags hold. */
export interface Input {
  readonly document: GivenDocument | undefined
  readonly assignments: readonly Assignment[]
}

/**
 * The text of a file, of stdin for `-`.
 * @throws PanelctlError USAGE where it cannot be read
 */
export async function textOfFile(file: string, {io}: Pick<Surroundings, 'io'>): Promise<string> {
  if (file === '-') return readIn(io)
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw usageError(fileProblem(file, cause))
  })
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
  const where = file === '-' ? 'stdin' : file
  const document = parseDocument(await textOfFile(file, surroundings), {prettyErrors: true})
  // A warning tells of a tag that nobody knows, so that its value would be taken for another one.
  const [error] = [...document.errors, ...document.warnings]
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
    throw usageError(`--set "${name === text ? name : `${name}…`}" is not name=value`, '--set mem_num=4G')
  }
  return {path, text: text.slice(end + 1)}
}

/** Reads the input flags. */
export async function inputOf(
  flags: ValuesOf<typeof inputFlags>,
  surroundings: Pick<Surroundings, 'io'>,
): Promise<Input> {
  const assignments = flags.set.map(assignmentOf)
  return {
    document: flags.file === undefined ? undefined : await documentOf(flags.file, surroundings),
    assignments,
  }
}
