import {isObject} from '../json-object.js'
import {type JsonProblem, jsonProblem} from '../json-scanner.js'

const places: Readonly<Record<JsonProblem['kind'], string>> = {
  value: 'looking for beginning of value',
  key: 'looking for beginning of object key string',
  colon: 'after object key',
  'comma of object': 'after object key:value pair',
  'comma of list': 'after array element',
  control: 'in string literal',
  rest: 'after top-level value',
  text: '',
}

/** What Go's decoder says of a text that is no JSON; `undefined` for one that is. */
export function jsonSyntaxError(text: string): string | undefined {
  const problem = jsonProblem(text)
  if (!problem) return undefined
  const {kind, at} = problem
  if (kind === 'text' || at >= text.length) return 'unexpected end of JSON input'
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
  return `invalid character ${character === "'" ? `'\\''` : `'${character}'`} ${places[kind]}`
}

/** What Go calls the type of a JSON value. */
function goTypeOf(json: unknown): string {
  if (json === null) return 'null'
  if (Array.isArray(json)) return 'array'
  return typeof json === 'boolean' ? 'bool' : typeof json
}

const fits = {
  string: (json: unknown) => typeof json === 'string',
  bool: (json: unknown) => typeof json === 'boolean',
  int: (json: unknown) => Number.isInteger(json),
  float64: (json: unknown) => typeof json === 'number',
  '[]string': (json: unknown) =>
    Array.isArray(json) && json.every(one => one === null || typeof one === 'string'),
}

type GoType = keyof typeof fits

/** What Go's decoder says of a value that it cannot take for a type. */
export function goRefusal(json: unknown, type: string, into = 'Go value'): string {
  const number = type === 'int' && typeof json === 'number' ? ` ${json}` : ''
  return `json: cannot unmarshal ${goTypeOf(json)}${number} into ${into} of type ${type}`
}

/**
 * What Go's decoder says when a JSON does not fit a struct (`public.LoginRequest`, `''` for one without a name) or the
 * types of its fields; `undefined` when it does. Null fits everything.
 */
export function goMismatch(
  json: unknown,
  struct: string,
  fields: Readonly<Record<string, GoType>>,
): string | undefined {
  if (!isObject(json)) return goRefusal(json, struct)
  for (const [name, type] of Object.entries(fields)) {
    const value = json[name] ?? null
    if (value === null || fits[type](value)) continue
    return goRefusal(value, type, `Go struct field ${struct.split('.')[1] ?? ''}.${name}`)
  }
  return undefined
}
