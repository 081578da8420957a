import {appendExactly, isBeyond, marked, parseMarked} from '../exact-integers.js'
import {isObject} from '../json-object.js'

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** Of the bytes that a number consists of, but for an exponent. */
const isOfNumber = Uint8Array.from({length: 256}, (_, byte) =>
  /[-+.\d]/.test(String.fromCharCode(byte)) ? 1 : 0,
)

/** All integers of fewer bytes fit into a double. */
const SHORT = 16

/** The text that is parsed at once of a long array: V8 is quicker at strings that are not too large for its usual heap. */
const PART = 64 * 1024

/** Of a body that is larger it counts how often the same text is in memory. */
const LARGE = 32 * 1024 * 1024

/** Panels nest a dozen levels; what goes much deeper than this would overflow the stack of who walks through it. */
export const DEEPEST = 256

/** A document that nobody can walk through. */
export class TooDeep extends Error {}

/** The end of a string whose quote is before `from`: the index behind its closing quote. */
function stringEnd(body: Buffer, from: number): number {
  let index = from
  while (index < body.length && body[index] !== QUOTE) index += body[index] === BACKSLASH ? 2 : 1
  return index + 1
}

function numberEnd(body: Buffer, from: number): number {
  let index = from
  while (isOfNumber[body[index] ?? 0] === 1) index += 1
  return index
}

function isLetterE(byte: number | undefined): boolean {
  return byte === 0x65 || byte === 0x45
}

/** Whether it stands for a name, as no number may. */
function isName(body: Buffer, end: number): boolean {
  let index = end
  while ((body[index] ?? 0xff) <= 0x20) index += 1
  return body[index] === COLON
}

/** Where something stands in a body: its first byte, and the one behind it. */
type Span = readonly [from: number, to: number]

/** A part of a body as text, with the first of the numbers `beyond`, as far as they are in it, marked and taken out of there. */
function textOf(body: Buffer, [from, to]: Span, beyond: Span[]): string {
  const count = beyond.findLastIndex(([number]) => number < to) + 1
  let text = ''
  let at = from
  for (const [number, end] of beyond.splice(0, count)) {
    text += body.toString('utf8', at, number) + marked(body.toString('utf8', number, end))
    at = end
  }
  return text + body.toString('utf8', at, to)
}

/** Gives rows the very texts of the one before each, where they are the same: node, task and time are named again and again. */
function shareTexts(rows: readonly unknown[], before: unknown): void {
  let last = isObject(before) ? before : {}
  for (const row of rows) {
    if (!isObject(row)) continue
    const fields = row as Record<string, unknown>
    for (const key in fields) {
      const value = fields[key]
      if (typeof value === 'string' && value === last[key]) fields[key] = last[key]
    }
    last = row
  }
}

/** Adds to the elements of an array those that the text between two commas or its brackets means. */
function add(elements: unknown[], text: string, isLarge: boolean): void {
  const part = parseMarked(`[${text}]`)
  // Between two commas there has to be something.
  if (!Array.isArray(part) || part.length === 0) throw new SyntaxError('Unexpected comma in an array')
  if (isLarge) shareTexts(part, elements.at(-1))
  appendExactly(elements, part)
}

// No panel can write it, as it is another in each run.
const PLACE = `array:${Math.random().toString(36).slice(2)}:`

/** Puts the long arrays in their places: each one in the skeleton holds the number of what belongs there, and nothing else. */
function fill(value: unknown, arrays: readonly unknown[][]): unknown {
  if (Array.isArray(value)) {
    const [place] = value
    const isPlace = typeof place === 'string' && place.startsWith(PLACE)
    return isPlace ? arrays[Number(place.slice(PLACE.length))] : value
  }
  if (typeof value === 'object' && value !== null) {
    for (const [key, field] of Object.entries(value)) {
      const filled = fill(field, arrays)
      if (filled !== field) Object.assign(value, {[key]: filled})
    }
  }
  return value
}

/** As `parseJson`; what the error says may be of a part. */
function parseInParts(body: Buffer, look: (text: string) => void, part: number): unknown {
  const isLarge = body.length > LARGE
  const arrays: unknown[][] = []
  /** The document without what is in those arrays. */
  let skeleton = ''
  /** What is before it is in a text already. */
  let start = 0
  /** Of the rest, what a double cannot hold. */
  const beyond: Span[] = []
  let depth = 0
  /** The depth of the outermost array that we are in, 0 outside, and where it begins. */
  let arrayDepth = 0
  let opening = 0
  /** What is in it so far, where it is a long one. */
  let elements: unknown[] | undefined

  for (let index = 0; index < body.length; ) {
    const byte = body[index] ?? 0
    if (byte === QUOTE) {
      index = stringEnd(body, index + 1)
      continue
    }
    if (isOfNumber[byte] === 1) {
      let end = numberEnd(body, index)
      const hasExponent = isLetterE(body[end])
      if (hasExponent) end = numberEnd(body, end + 1)
      if (hasExponent || end - index >= SHORT) {
        if (isBeyond(body.toString('latin1', index, end)) && !isName(body, end)) beyond.push([index, end])
      }
      index = end
      continue
    }
    if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      depth += 1
      if (depth > DEEPEST) throw new TooDeep()
      if (byte === OPEN_ARRAY && arrayDepth === 0) {
        arrayDepth = depth
        opening = index + 1
        elements = undefined
      }
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
      if (depth === arrayDepth && arrayDepth > 0) {
        if (elements) {
          const text = textOf(body, [start, index], beyond)
          look(text)
          add(elements, text, isLarge)
          // With the bracket as it stands: the wrong one is found when the skeleton is parsed.
          start = index
        }
        arrayDepth = 0
      }
      depth -= 1
    } else if (byte === COMMA && depth === arrayDepth && arrayDepth > 0) {
      if (index - (elements ? start : opening) <= part) {
        index += 1
        continue
      }
      if (!elements) {
        skeleton += `${textOf(body, [start, opening], beyond)}"${PLACE}${arrays.length}"`
        start = opening
        elements = []
        arrays.push(elements)
      }
      const text = textOf(body, [start, index], beyond)
      look(text)
      add(elements, text, isLarge)
      start = index + 1
    }
    index += 1
  }
  skeleton += textOf(body, [start, body.length], beyond)
  look(skeleton)
  const document = parseMarked(skeleton)
  return arrays.length > 0 ? fill(document, arrays) : document
}

/**
 * The JSON document that a body is, which is looked at once before V8 parses it. Of a long array some elements are parsed at a
 * time, so that neither the text nor a copy of it is in memory beside all that it means. `look` is given each text that is parsed.
 * @throws SyntaxError as `JSON.parse` does where it is none, TooDeep where it nests beyond `DEEPEST`
 */
export function parseJson(bytes: Buffer, look: (text: string) => void = () => {}, part = PART): unknown {
  // A byte order mark, which servers on Windows put in front.
  const body = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
  try {
    return parseInParts(body, look, part)
  } catch (error) {
    // Says of the whole what is wrong with it.
    JSON.parse(body.toString())
    throw error
  }
}
