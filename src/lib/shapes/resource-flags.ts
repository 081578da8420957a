import {PanelctlError, reworded, usageError} from '../errors.js'
import {type Flag, type Flags, flag} from '../flags/flags.js'
import {problemIn} from '../resource/kind.js'
import {type Field, Misfit, type Resource} from '../resource/resource.js'
import {documentIn, textOfFiles} from './document-flags.js'
import type {ResourceRun} from './take-steps.js'

/** What the flag of a field is called. */
export function flagNameOf(name: string, field: Field): string {
  const given = field.flag ?? name.replaceAll('_', '-')
  return field.secret ? `${given}-file` : given
}

/** The flags of its fields; those that are secret come out of files. */
export function resourceFlags(
  {fields, key}: Pick<Resource, 'fields' | 'key'>,
  isOffered: (name: string, field: Field) => boolean,
): Flags {
  const flags: Record<string, Flag<unknown>> = {
    file: flag.text({
      summary: 'YAML or JSON file with fields, - for stdin; flags are on top of it',
      placeholder: 'file',
      filled: true,
    }),
  }
  for (const [name, field] of Object.entries(fields)) {
    if (field.told || !isOffered(name, field)) continue
    const summary = name === key ? 'another name' : field.summary
    flags[flagNameOf(name, field)] = field.secret
      ? flag.text({summary: `file with the ${summary}, - for stdin`, placeholder: 'file', filled: true})
      : field.kind.flag({summary})
  }
  return flags
}

/** What flags and their files say of the fields. */
export async function givenValues(
  {fields}: Pick<Resource, 'fields'>,
  run: ResourceRun,
): Promise<Record<string, unknown>> {
  const values: Record<string, unknown> = {}
  const flags: Readonly<Record<string, unknown>> = run.flags
  const {file} = flags
  const secrets = Object.entries(fields).flatMap(([name, field]) => {
    const named = flags[flagNameOf(name, field)]
    return field.secret && typeof named === 'string' ? [[name, named]] : []
  })
  const named = {...Object.fromEntries(secrets), '--file': typeof file === 'string' ? file : undefined}
  const texts: Readonly<Record<string, string | undefined>> = await textOfFiles(named, run)
  if (typeof file === 'string') {
    const {where, value} = documentIn(file, texts['--file'] ?? '')
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw usageError(`${where} holds no fields`, 'one a line, as in name: value')
    // What was shown may be given again; of a secret that the panel tells nobody that is null.
    const written = Object.entries(value).filter(
      ([name, one]) => name !== 'id' && !fields[name]?.told && !(fields[name]?.secret && one === null),
    )
    Object.assign(values, Object.fromEntries(written))
  }
  for (const [name, field] of Object.entries(fields)) {
    if (field.told) continue
    const given = field.secret ? texts[name]?.replace(/\r?\n$/, '') : flags[flagNameOf(name, field)]
    if (!isGiven(given)) continue
    const value = inFlag(`--${flagNameOf(name, field)}`, () => field.kind.given(given))
    // Alone an empty text stands for none; among others it is one that was lost.
    const isLost = Array.isArray(given) && given.length > 1 && given.includes('')
    const problem = isLost ? 'has an empty text: is a shell variable not set?' : problemIn(field.kind, value)
    // What a file holds is a secret, which is not repeated.
    if (problem !== undefined && (isLost || typeof given === 'string') && !field.secret)
      throw usageError(`--${flagNameOf(name, field)}: ${JSON.stringify(given)} ${problem}`)
    values[name] = value
  }
  return values
}

function isGiven(value: unknown): boolean {
  return value !== undefined && !(Array.isArray(value) && value.length === 0)
}

/** Does what looks at fields; what is wrong with one is told of its flag, unless it comes out of a file. */
export function toldByFlag<Value>(
  {fields, key}: Pick<Resource, 'fields' | 'key'>,
  {flags}: {readonly flags: object},
  work: () => Value,
): Value {
  try {
    return work()
  } catch (error) {
    const field = error instanceof Misfit ? fields[error.field] : undefined
    if (!(error instanceof Misfit) || field === undefined) throw error
    const given: Readonly<Record<string, unknown>> = {...flags}
    const flagged = flagNameOf(error.field, field)
    const isOfFile = !isGiven(given[flagged]) && (given.file !== undefined || error.field === key)
    throw isOfFile ? error : reworded(error, {message: `--${flagged}${error.problem}`})
  }
}

/** A value out of a flag, which is named where the value is none. */
function inFlag<Value>(flagged: string, read: () => Value): Value {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof PanelctlError)) throw error
    throw reworded(error, {message: `${flagged}: ${error.message}`})
  }
}
