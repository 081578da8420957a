import {endOfValue, skipSpace} from '../json-scanner.js'

/** What Go keeps in an unsigned 64-bit counter; beyond 2^53 only a bigint prints it exactly. */
export type Counter = number | bigint

const escapes: Record<string, string> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
}

// Control characters, and halves of what takes two units.
const needsEscape = /["\\<>&\p{Cc}\p{Cs}\u2028\u2029]/u

function goText(text: string): string {
  // Ten thousand servers have fifty thousand texts, and hardly one of them needs work.
  if (!needsEscape.test(text)) return `"${text}"`
  return JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, found => escapes[found] ?? found)
}

/** A number that JSON does not have: Go encodes nothing then. */
export class NoNumber extends Error {}

/**
 * JSON as `json.Marshal` writes it: raw UTF-8, with `<`, `>` and `&` escaped (contracts/nezha.md 1.1), and bigints in
 * full. What is undefined is left out. Throws `NoNumber`.
 */
export function goJson(value: unknown): string {
  if (typeof value === 'string') return goText(value)
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`
  if (typeof value === 'number' && !Number.isFinite(value)) throw new NoNumber()
  if (typeof value !== 'object' || value === null) return String(value)
  const members: string[] = []
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined) members.push(`${goText(name)}:${goJson(member)}`)
  }
  return `{${members.join(',')}}`
}

/** A number as Go prints it as `float32`: the shortest that reads back as the same 32-bit float. */
export function goFloat32(value: number): number {
  const single = Math.fround(value)
  for (let digits = 1; digits < 10; digits++) {
    const shorter = Number(single.toPrecision(digits))
    if (Math.fround(shorter) === single) return shorter
  }
  return single
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
