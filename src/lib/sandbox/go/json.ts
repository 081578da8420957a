import {endOfValue, skipSpace} from '../json-scanner.js'

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

// Control characters, and halves of what takes two units.
const needsEscape = /["\\<>&\p{Cc}\p{Cs}\u2028\u2029]/u

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

/** The members of the first JSON object of a body in the order they stand, repeated keys included. */
export type Members = ReadonlyArray<readonly [key: string, value: unknown]>

/**
 * Decodes a body as Go decodes it into a struct: the first value of it, of which an object gives its members, `null`
 * none, and everything else `undefined`: no body, another type, comments, a byte order mark (contracts/nezha.md 1.6).
 * `JSON.parse` alone would forget repeated keys, of which Go checks every one and keeps the last.
 */
export function decodeMembers(body: Buffer): Members | undefined {
  const text = body.toString('utf8')
  const start = skipSpace(text, 0)
  if (text.startsWith('null', start)) return []
  if (text[start] !== '{') return undefined
  const members: Array<[string, unknown]> = []
  try {
    endOfValue(text, start, (key, value) => members.push([JSON.parse(key), JSON.parse(value)]))
    return members
  } catch {
    return undefined
  }
}

/** JSON as `json.Marshal` writes it, for values that hold no wide numbers. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(escapedByGo, found => escapes[found] ?? found)
}
