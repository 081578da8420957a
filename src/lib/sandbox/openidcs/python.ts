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

/** A value in Python's `repr()`. */
export function pythonRepr(value: Json): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  if (isList(value)) return `[${value.map(pythonRepr).join(', ')}]`
  if (isObject(value)) {
    return `{${Object.entries(value)
      .map(([key, inner]) => `${pythonRepr(key)}: ${pythonRepr(inner)}`)
      .join(', ')}}`
  }
  return String(value)
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

/** Where Python's parser finds a text to be no JSON, in its words; `undefined` when it is JSON. */
export function jsonProblem(text: string): string | undefined {
  const scanner = new Scanner(text)
  const problem = scanner.document()
  if (!problem) return undefined
  const before = text.slice(0, problem.at)
  const line = before.split('\n').length
  const column = problem.at - before.lastIndexOf('\n')
  return `${problem.words}: line ${line} column ${column} (char ${problem.at})`
}

interface Problem {
  readonly words: string
  readonly at: number
}

class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  document(): Problem | undefined {
    this.#space()
    const problem = this.#value()
    if (problem) return problem
    this.#space()
    return this.#at < this.#text.length ? {words: 'Extra data', at: this.#at} : undefined
  }

  #space(): void {
    while (/[ \t\n\r]/.test(this.#text[this.#at] ?? '')) this.#at++
  }

  #value(): Problem | undefined {
    const character = this.#text[this.#at]
    if (character === '{') return this.#object()
    if (character === '[') return this.#list()
    if (character === '"') return this.#string()
    const literal = /^(?:null|true|false|NaN|-?Infinity|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)/.exec(
      this.#text.slice(this.#at),
    )
    if (!literal) return {words: 'Expecting value', at: this.#at}
    this.#at += literal[0].length
    return undefined
  }

  #string(): Problem | undefined {
    const start = this.#at
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at] ?? ''
      if (character === '"') {
        this.#at++
        return undefined
      }
      if (character === '\\') {
        const escaped = /^(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.exec(this.#text.slice(this.#at + 1))
        if (!escaped) return {words: 'Invalid \\escaped', at: this.#at}
        this.#at += escaped[0].length
      } else if (character < ' ') return {words: 'Invalid control character at', at: this.#at}
    }
    return {words: 'Unterminated string starting at', at: start}
  }

  #list(): Problem | undefined {
    this.#at++
    this.#space()
    if (this.#text[this.#at] === ']') return this.#close()
    for (;;) {
      const problem = this.#value()
      if (problem) return problem
      this.#space()
      if (this.#text[this.#at] === ']') return this.#close()
      if (this.#text[this.#at] !== ',') return {words: "Expecting ',' delimiter", at: this.#at}
      this.#at++
      this.#space()
    }
  }

  #object(): Problem | undefined {
    this.#at++
    this.#space()
    if (this.#text[this.#at] === '}') return this.#close()
    for (;;) {
      if (this.#text[this.#at] !== '"') {
        return {words: 'Expecting property name enclosed in double quotes', at: this.#at}
      }
      const problem = this.#string() ?? this.#member()
      if (problem) return problem
      if (this.#text[this.#at] === '}') return this.#close()
      if (this.#text[this.#at] !== ',') return {words: "Expecting ',' delimiter", at: this.#at}
      this.#at++
      this.#space()
    }
  }

  #member(): Problem | undefined {
    this.#space()
    if (this.#text[this.#at] !== ':') return {words: "Expecting ':' delimiter", at: this.#at}
    this.#at++
    this.#space()
    const problem = this.#value()
    this.#space()
    return problem
  }

  #close(): undefined {
    this.#at++
    return undefined
  }
}
