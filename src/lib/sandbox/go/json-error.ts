/** What Go's decoder says of a text that is no JSON; `undefined` for one that is. */
export function jsonSyntaxError(text: string): string | undefined {
  try {
    JSON.parse(text)
    return undefined
  } catch {
    try {
      const end = value(text, skip(text, 0))
      const rest = skip(text, end)
      return rest < text.length ? invalid(text, rest, 'after top-level value') : endOfInput
    } catch (error) {
      return error instanceof SyntaxProblem ? error.message : endOfInput
    }
  }
}

class SyntaxProblem extends Error {}

const endOfInput = 'unexpected end of JSON input'

function invalid(text: string, index: number, where: string): string {
  const character = String.fromCodePoint(text.codePointAt(index) ?? 0)
  return `invalid character ${character === "'" ? `'\\''` : `'${character}'`} ${where}`
}

function problem(text: string, index: number, where: string): SyntaxProblem {
  return new SyntaxProblem(index < text.length ? invalid(text, index, where) : endOfInput)
}

function skip(text: string, start: number): number {
  let index = start
  while (index < text.length && ' \t\r\n'.includes(text.charAt(index))) index++
  return index
}

/** The index after one value. Throws `SyntaxProblem`. */
function value(text: string, start: number): number {
  const first = text.charAt(start)
  if (first === '{') return members(text, start)
  if (first === '[') return elements(text, start)
  if (first === '"') return quoted(text, start)
  const literal = /true|false|null|-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y
  literal.lastIndex = start
  if (literal.test(text)) return literal.lastIndex
  throw problem(text, start, 'looking for beginning of value')
}

function members(text: string, start: number): number {
  let index = skip(text, start + 1)
  if (text.charAt(index) === '}') return index + 1
  for (;;) {
    if (text.charAt(index) !== '"') throw problem(text, index, 'looking for beginning of object key string')
    index = skip(text, quoted(text, index))
    if (text.charAt(index) !== ':') throw problem(text, index, 'after object key')
    index = skip(text, value(text, skip(text, index + 1)))
    if (text.charAt(index) === '}') return index + 1
    if (text.charAt(index) !== ',') throw problem(text, index, 'after object key:value pair')
    index = skip(text, index + 1)
  }
}

function elements(text: string, start: number): number {
  let index = skip(text, start + 1)
  if (text.charAt(index) === ']') return index + 1
  for (;;) {
    index = skip(text, value(text, index))
    if (text.charAt(index) === ']') return index + 1
    if (text.charAt(index) !== ',') throw problem(text, index, 'after array element')
    index = skip(text, index + 1)
  }
}

function quoted(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    if (text.charAt(index) === '\\') index++
    else if (text.charAt(index) === '"') return index + 1
    else if (text.charAt(index) < ' ') throw problem(text, index, 'in string literal')
  }
  throw new SyntaxProblem(endOfInput)
}

/** What Go calls the type of a JSON value. */
export function goTypeOf(json: unknown): string {
  if (json === null) return 'null'
  if (Array.isArray(json)) return 'array'
  return typeof json === 'boolean' ? 'bool' : typeof json
}
