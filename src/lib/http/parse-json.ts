import {parseExactly} from '../exact-integers.js'
import {isObject} from '../json-object.js'

const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** Up to this size a body is one string while it is parsed. */
const WHOLE = 32 * 1024 * 1024

/** The text that is parsed at once of a larger one. */
const PART = 256 * 1024

/** The end of a string whose quote is before `from`: the index behind its closing quote. */
function stringEnd(body: Buffer, from: number): number {
  let index = from
  while (index < body.length && body[index] !== QUOTE) index += body[index] === BACKSLASH ? 2 : 1
  return index + 1
}

/** Puts the arrays in their places: each one in the skeleton holds the number of what belongs there, and nothing else. */
function fill(value: unknown, arrays: readonly unknown[][]): unknown {
  if (Array.isArray(value)) return arrays[Number(value[0])]
  if (typeof value === 'object' && value !== null) {
    for (const [key, field] of Object.entries(value)) {
      const filled = fill(field, arrays)
      if (filled !== field) Object.assign(value, {[key]: filled})
    }
  }
  return value
}

/** How many texts are remembered. */
const TEXTS = 4096

/** Adds elements whose texts are the very ones of elements before: rows name the same node, task and time again and again. */
function add(elements: unknown[], part: unknown, seen: Map<string, string>): void {
  if (!Array.isArray(part)) return
  for (const element of part) {
    elements.push(element)
    if (!isObject(element)) continue
    const fields = element as Record<string, unknown>
    for (const key in fields) {
      const value = fields[key]
      if (typeof value !== 'string') continue
      const known = seen.get(value)
      if (known !== undefined) fields[key] = known
      else {
        if (seen.size === TEXTS) seen.clear()
        seen.set(value, value)
      }
    }
  }
}

/**
 * The same as `JSON.parse` of the whole text, but of a long array some elements at a time: neither the text nor a copy of it
 * is in memory beside all that it means.
 * @throws SyntaxError as `JSON.parse` does
 */
export function parseInParts(body: Buffer, part = PART): unknown {
  const arrays: unknown[][] = []
  let skeleton = ''
  let copied = 0
  let depth = 0
  /** The depth of the outermost array that we are in; 0 outside. */
  let arrayDepth = 0
  let elements: unknown[] = []
  const seen = new Map<string, string>()
  let start = 0

  for (let index = 0; index < body.length; ) {
    const byte = body[index]
    if (byte === QUOTE) {
      index = stringEnd(body, index + 1)
      continue
    }
    if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      depth += 1
      if (byte === OPEN_ARRAY && arrayDepth === 0) {
        arrayDepth = depth
        skeleton += `${body.toString('utf8', copied, index)}[${arrays.length}`
        elements = []
        arrays.push(elements)
        start = index + 1
      }
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
      if (depth === arrayDepth) {
        const rest = body.toString('utf8', start, index)
        // After a comma there has to be something.
        if (elements.length > 0 && rest.trim() === '')
          throw new SyntaxError(`Unexpected end of an array at ${index}`)
        add(elements, parseExactly(`[${rest}]`), seen)
        arrayDepth = 0
        // With the bracket as it stands: the wrong one is found when the skeleton is parsed.
        copied = index
      }
      depth -= 1
    } else if (byte === COMMA && depth === arrayDepth && arrayDepth > 0 && index - start > part) {
      add(elements, parseExactly(`[${body.toString('utf8', start, index)}]`), seen)
      start = index + 1
    }
    index += 1
  }
  if (arrayDepth > 0) throw new SyntaxError('Unexpected end of JSON input')
  return fill(parseExactly(skeleton + body.toString('utf8', copied)), arrays)
}

/** Panels nest a dozen levels; what goes much deeper than this would overflow the stack of who walks through it. */
export const DEEPEST = 256

function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (levels === 0) return false
  for (const key in value) if (!isWithin((value as Record<string, unknown>)[key], levels - 1)) return false
  return true
}

/** A document that nobody can walk through. */
export class TooDeep extends Error {}

/**
 * The JSON document that a body is.
 * @throws SyntaxError where it is none, TooDeep where it nests beyond `DEEPEST`
 */
export function parseJson(bytes: Buffer): unknown {
  // A byte order mark, which servers on Windows put in front.
  const body = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
  const document: unknown = body.length <= WHOLE ? parseExactly(body.toString()) : parseInParts(body)
  if (!isWithin(document, DEEPEST)) throw new TooDeep()
  return document
}
