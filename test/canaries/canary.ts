import {stripVTControlCharacters} from 'node:util'
import {randomText} from '../../src/lib/sandbox/random.js'
import {seededRandom} from '../lib/sandbox/seeded-random.js'

/** A secret that nobody else has, and where it was put. */
export interface Canary {
  readonly place: string
  readonly text: string
}

const random = seededRandom(20261128)

/** So much of one gives it away: seven of a hundred are found by chance in 10^10 letters. */
const enough = 8

/** A canary whose middle has characters that are written otherwise in URLs, JSON, HTML and YAML. */
export function canary(place: string, middle = `+/=%"&'<\\`): Canary {
  return {place, text: `${randomText(12, random)}${middle}${randomText(12, random)}`}
}

/** What stands in a text besides what nobody sees, breaks or escapes: as somebody reads it who wants to. */
function readings(text: string): string[] {
  const unescaped = text
    .replaceAll(/\\u\{?([\da-f]{2,6})\}?/gi, (_, code) =>
      String.fromCodePoint(Number.parseInt(code, 16) % 0x110000),
    )
    .replaceAll(/\\x([\da-f]{2})/gi, (_, code) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replaceAll(/%([\da-f]{2})/gi, (_, code) => String.fromCodePoint(Number.parseInt(code, 16)))
  const plain = stripVTControlCharacters(unescaped)
  const bare = plain.replaceAll(/[^\dA-Za-z]/g, '')
  return [text, bare, [...bare].toReversed().join('')]
}

/** How a part of a canary may be written: as it is, in hexadecimal digits, and in base64 at each of three offsets. */
function spellings(part: string): string[] {
  const bytes = Buffer.from(part)
  const inBase64 = [0, 1, 2].map(offset =>
    Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .slice(offset === 0 ? 0 : 4, -4),
  )
  return [part, bytes.toString('hex'), ...inBase64]
}

const parts = new Map<string, readonly string[]>()

function partsOf({text}: Canary): readonly string[] {
  const known = parts.get(text)
  if (known) return known
  const cores = text.match(/[\dA-Za-z]{8,}/g) ?? []
  const made = cores.flatMap(core => [
    ...Array.from({length: core.length - enough + 1}, (_, at) => core.slice(at, at + enough)),
    ...spellings(core),
  ])
  parts.set(text, made)
  return made
}

/** The canaries of which a text has a part, in whatever spelling. */
export function found(canaries: readonly Canary[], text: string): Canary[] {
  if (text === '') return []
  const read = readings(text)
  return canaries.filter(one => partsOf(one).some(part => read.some(reading => reading.includes(part))))
}
