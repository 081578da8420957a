/** Where a text stops being JSON, and what a decoder was about to read there. */
export class JsonProblem extends Error {
  constructor(
    readonly kind:
      | 'value'
      | 'key'
      | 'colon'
      | 'comma of object'
      | 'comma of list'
      | 'text'
      | 'control'
      | 'rest',
    /** Of the character; for a text without an end of its first quotation mark. */
    readonly at: number,
  ) {
    super(kind)
  }
}

/** What there is to know of the members of an object: repeated keys too, which `JSON.parse` forgets. */
type Visit = (key: string, value: string) => void

/** The first problem of a text that is to be one value, and nothing more; `undefined` when it is JSON. */
export function jsonProblem(text: string): JsonProblem | undefined {
  try {
    const end = skipSpace(text, endOfValue(text, skipSpace(text, 0)))
    return end < text.length ? new JsonProblem('rest', end) : undefined
  } catch (error) {
    if (error instanceof JsonProblem) return error
    throw error
  }
}

export function skipSpace(text: string, start: number): number {
  let index = start
  while (index < text.length && ' \t\r\n'.includes(text.charAt(index))) index++
  return index
}

/** The index after one value. Throws `JsonProblem`. */
export function endOfValue(text: string, start: number, visit?: Visit): number {
  const first = text.charAt(start)
  if (first === '{') return endOfObject(text, start, visit)
  if (first === '[') return endOfList(text, start)
  if (first === '"') return endOfText(text, start)
  const literal = /true|false|null|-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y
  literal.lastIndex = start
  if (literal.test(text)) return literal.lastIndex
  throw new JsonProblem('value', start)
}

function endOfObject(text: string, start: number, visit?: Visit): number {
  let index = skipSpace(text, start + 1)
  if (text[index] === '}') return index + 1
  for (;;) {
    if (text[index] !== '"') throw new JsonProblem('key', index)
    const keyEnd = endOfText(text, index)
    const colon = skipSpace(text, keyEnd)
    if (text[colon] !== ':') throw new JsonProblem('colon', colon)
    const valueStart = skipSpace(text, colon + 1)
    const valueEnd = endOfValue(text, valueStart)
    visit?.(text.slice(index, keyEnd), text.slice(valueStart, valueEnd))
    index = skipSpace(text, valueEnd)
    if (text[index] === '}') return index + 1
    if (text[index] !== ',') throw new JsonProblem('comma of object', index)
    index = skipSpace(text, index + 1)
  }
}

function endOfList(text: string, start: number): number {
  let index = skipSpace(text, start + 1)
  if (text[index] === ']') return index + 1
  for (;;) {
    index = skipSpace(text, endOfValue(text, index))
    if (text[index] === ']') return index + 1
    if (text[index] !== ',') throw new JsonProblem('comma of list', index)
    index = skipSpace(text, index + 1)
  }
}

function endOfText(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    const character = text.charAt(index)
    if (character === '\\') index++
    else if (character === '"') return index + 1
    else if (character < ' ') throw new JsonProblem('control', index)
  }
  throw new JsonProblem('text', start)
}
