import {isObject} from '../../json-object.js'

/** What every answer is wrapped in: contracts/openidcs.md 1.1. Newer versions add a `timestamp`. */
export interface Envelope {
  readonly code: number
  readonly msg: string
  /** `null` where there is none; a few answers of newer versions leave it out. */
  readonly data: unknown
  /** Seconds since 1970; of 2026-04 and newer. */
  readonly timestamp: number | undefined
}

function isCode(code: unknown): code is number {
  // Not 1e400, which is Infinity.
  return Number.isSafeInteger(code)
}

/** The envelope of an answer; undefined where it is in none. */
export function envelopeOf(json: unknown): Envelope | undefined {
  if (!isObject(json)) return undefined
  const {code, msg, data = null, timestamp} = json
  if (!isCode(code) || typeof msg !== 'string') return undefined
  return {code, msg, data, timestamp: typeof timestamp === 'number' ? timestamp : undefined}
}
