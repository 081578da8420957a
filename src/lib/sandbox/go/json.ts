/** What Go keeps in an unsigned 64-bit counter; beyond 2^53 only a bigint prints it exactly. */
export type Counter = number | bigint

const escapedByGo = /[<>&\u2028\u2029]/g
const escapes: Record<string, string> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to be escaped.
const needsEscape = /["\\<>&\u0000-\u001f\u2028\u2029\ud800-\udfff]/

/** A JSON string as `json.Marshal` writes it: raw UTF-8, with `<`, `>` and `&` escaped (contracts/nezha.md 1.1). */
export function goString(text: string): string {
  // Ten thousand servers have fifty thousand strings, and hardly one of them needs work.
  if (!needsEscape.test(text)) return `"${text}"`
  return JSON.stringify(text).replace(escapedByGo, found => escapes[found] ?? found)
}

/** The shortest text that reads back as this 32-bit float, as Go prints `float32`. */
export function goFloat32(value: number): string {
  const single = Math.fround(value)
  for (let digits = 1; digits < 10; digits++) {
    const shorter = Number(single.toPrecision(digits))
    if (Math.fround(shorter) === single) return String(shorter)
  }
  return String(single)
}

/**
 * The end of the first JSON value in a text, or `undefined` when it does not end: Go's decoder
 * reads one value from the body and leaves the rest alone (contracts/nezha.md 1.6).
 */
function endOfValue(text: string, start: number): number | undefined {
  const first = text[start]
  if (first === '"') return endOfString(text, start)
  if (first !== '{' && first !== '[') {
    const literal = /[^\s,:{}[\]"]+/y
    literal.lastIndex = start
    return literal.test(text) ? literal.lastIndex : undefined
  }
  let depth = 0
  for (let index = start; index < text.length; index++) {
    const character = text[index]
    if (character === '"') {
      const end = endOfString(text, index)
      if (end === undefined) return undefined
      index = end - 1
    } else if (character === '{' || character === '[') depth++
    else if (character === '}' || character === ']') {
      depth--
      if (depth === 0) return index + 1
    }
  }
  return undefined
}

function endOfString(text: string, start: number): number | undefined {
  for (let index = start + 1; index < text.length; index++) {
    if (text[index] === '\\') index++
    else if (text[index] === '"') return index + 1
  }
  return undefined
}

function skipSpace(text: string, start: number): number {
  let index = start
  while (index < text.length && ' \t\r\n'.includes(text.charAt(index))) index++
  return index
}

/** The members of the first JSON object of a body in the order they stand, repeated keys included. */
export type Members = ReadonlyArray<readonly [key: string, value: unknown]>

/**
 * Decodes a body as Go decodes it into a struct: an object gives its members, `null` none, and
 * everything else `undefined`: no body, another type, comments, a byte order mark.
 * `JSON.parse` alone would forget repeated keys, of which Go checks every one and keeps the last.
 */
export function decodeMembers(body: Buffer): Members | undefined {
  const text = body.toString('utf8')
  const start = skipSpace(text, 0)
  if (text.startsWith('null', start)) return []
  const end = text[start] === '{' ? endOfValue(text, start) : undefined
  if (end === undefined) return undefined
  const value = text.slice(start, end)
  try {
    JSON.parse(value)
  } catch {
    return undefined
  }
  return membersOf(value)
}

/** The text is known to be one valid object. */
function membersOf(text: string): Members {
  const members: Array<[string, unknown]> = []
  let index = skipSpace(text, 1)
  while (text[index] === '"') {
    const keyEnd = endOfString(text, index) ?? text.length
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1)
    const valueEnd = endOfValue(text, valueStart) ?? text.length
    members.push([JSON.parse(text.slice(index, keyEnd)), JSON.parse(text.slice(valueStart, valueEnd))])
    index = skipSpace(text, skipSpace(text, valueEnd) + 1)
  }
  return members
}

/** JSON as `json.Marshal` writes it, for values that hold no wide numbers. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(escapedByGo, found => escapes[found] ?? found)
}
