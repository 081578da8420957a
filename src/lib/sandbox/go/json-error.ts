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

/**
 * What Go's decoder says when a JSON does not fit a struct (`public.LoginRequest`) or one of its texts;
 * `undefined` when it does.
 */
export function goMismatch(json: unknown, struct: string, texts: readonly string[]): string | undefined {
  if (!isObject(json)) return `json: cannot unmarshal ${goTypeOf(json)} into Go value of type ${struct}`
  const wrong = texts.find(
    name => json[name] !== undefined && json[name] !== null && typeof json[name] !== 'string',
  )
  if (wrong === undefined) return undefined
  const field = `${struct.split('.')[1]}.${wrong}`
  return `json: cannot unmarshal ${goTypeOf(json[wrong])} into Go struct field ${field} of type string`
}
