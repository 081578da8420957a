import type {Surroundings} from '../command/command.js'
import {readIn} from '../command/io.js'
import {usageError} from '../errors.js'
import {flag} from '../flags/flags.js'
import {DEEPEST, parseJson, TooDeep} from '../http/parse-json.js'
import {isObject} from '../json-object.js'
import {readNamed} from '../named-file.js'

/** How a person writes an object: field by field, or as a file. */
export const fieldFlags = {
  field: flag.text({
    char: 'f',
    summary: 'field with a text',
    placeholder: 'name=value',
    multiple: true,
  }),
  'json-field': flag.text({
    char: 'F',
    summary: 'field with a JSON value',
    placeholder: 'name=json',
    multiple: true,
  }),
  input: flag.text({
    summary: 'file with the JSON body, - for stdin',
    placeholder: 'file',
    filled: true,
  }),
}

function pair(field: string): [string, string] {
  const end = field.indexOf('=')
  // What stands behind a name may be a secret.
  const [name = field] = /^[\w.-]+/.exec(field) ?? []
  if (end < 1) throw usageError(`"${name === field ? name : `${name}…`}" is not name=value`)
  return [field.slice(0, end), field.slice(end + 1)]
}

/** @throws PanelctlError USAGE for what is no JSON */
export function json(text: string, where: string): unknown {
  try {
    return parseJson(Buffer.from(text))
  } catch (cause) {
    if (cause instanceof TooDeep) throw usageError(`${where} has more than ${DEEPEST} levels`)
    // The message quotes the text, which may be a file that was taken for another one: a secret.
    const problem =
      cause instanceof Error ? cause.message.replace(/, (\.{3})?".*"(\.{3})? is not valid JSON$/s, '') : ''
    throw usageError(`${where} is not JSON: ${problem}`)
  }
}

/** The fields of `-f` (texts) and `-F` (JSON) as one object. */
export function requestFields(texts: readonly string[], typed: readonly string[]): Record<string, unknown> {
  const pairs = typed.map(pair)
  for (const [name, value] of pairs) json(value, `the value of ${name}`)
  // As one document, which keeps its integers as they are written.
  const members = pairs.map(([name, value]) => `${JSON.stringify(name)}:${value}`)
  const document = json(`{${members.join(',')}}`, 'the fields')
  return {...Object.fromEntries(texts.map(pair)), ...(isObject(document) ? document : {})}
}

/** The JSON of a file, of stdin for `-`. */
export async function requestInput(file: string, {io}: Surroundings): Promise<unknown> {
  if (file === '-') return json(await readIn(io), 'stdin')
  return json(await readNamed(file, {hint: 'give --input a file with the JSON body, or - for stdin'}), file)
}
