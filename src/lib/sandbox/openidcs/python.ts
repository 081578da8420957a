import {type JsonProblem, jsonProblem} from '../json-scanner.js'
import {isList, isObject, type Json} from './json.js'

/** Whether Python takes a value for true. */
export function isTruthy(value: Json | undefined): boolean {
  if (isList(value)) return value.length > 0
  if (isObject(value)) return Object.keys(value).length > 0
  return Boolean(value)
}

/** A value in Python's `str()`. */
export function pythonText(value: Json): string {
  return typeof value === 'string' ? value : pythonRepr(value)
}

/** A value in Python's `repr()`; of lists and objects the like. */
function pythonRepr(value: Json): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  return JSON.stringify(value)
}

/** Python's name of a value's type. */
export function pythonType(value: Json): string {
  if (value === null) return 'NoneType'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'string') return 'str'
  if (isList(value)) return 'list'
  if (isObject(value)) return 'dict'
  return Number.isInteger(value) ? 'int' : 'float'
}

/** An exception that the panel does not catch: HTTP 500 (contracts/openidcs.md 1.2). */
export class PythonError extends Error {
  /** As Python prints it: `KeyError: 0`. */
  constructor(readonly shown: string) {
    super(shown)
  }

  /** Without the kind of error, as handlers that catch it show it. */
  get reason(): string {
    return this.shown.replace(/^\w+: /, '')
  }
}

/** Python's `int()`. Throws what it throws. */
export function pythonInt(value: Json): number {
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'number') return Math.trunc(value)
  if (typeof value === 'string' && /^\s*[+-]?\d+(_\d+)*\s*$/.test(value))
    return Number(value.replaceAll('_', ''))
  if (typeof value === 'string') {
    throw new PythonError(`ValueError: invalid literal for int() with base 10: ${pythonRepr(value)}`)
  }
  throw new PythonError(
    `TypeError: int() argument must be a string, a bytes-like object or a real number, not '${pythonType(value)}'`,
  )
}

const expected: Readonly<Record<JsonProblem['kind'], string>> = {
  value: 'Expecting value',
  key: 'Expecting property name enclosed in double quotes',
  colon: "Expecting ':' delimiter",
  'comma of object': "Expecting ',' delimiter",
  'comma of list': "Expecting ',' delimiter",
  text: 'Unterminated string starting at',
  control: 'Invalid control character at',
  rest: 'Extra data',
}

/** Where Python's parser finds a text to be no JSON, in its words; `undefined` when it is JSON. */
export function pythonJsonProblem(text: string): string | undefined {
  const problem = jsonProblem(text)
  if (!problem) return undefined
  const {kind, at} = problem
  const before = text.slice(0, at)
  const line = before.split('\n').length
  return `${expected[kind]}: line ${line} column ${at - before.lastIndexOf('\n')} (char ${at})`
}
