/** Nanoseconds since 1970: what Go's clock gives and prints, finer than a number holds. */
export type Instant = bigint

const perMillisecond = 1_000_000n
const perSecond = 1_000_000_000n

/** From milliseconds since 1970, fractions kept. */
export function instantAt(milliseconds: number): Instant {
  return BigInt(Math.round(milliseconds * 1000)) * 1000n
}

/** Milliseconds since 1970. */
export function millisecondsOf(instant: Instant): number {
  return Number(instant / perMillisecond)
}

const rfc3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/

/** Reads RFC 3339 with a zone; `undefined` for anything else. */
export function parseInstant(text: string): Instant | undefined {
  const [, seconds, fraction = '', zone] = rfc3339.exec(text) ?? []
  if (seconds === undefined) return undefined
  const milliseconds = Date.parse(`${seconds}${zone}`)
  if (Number.isNaN(milliseconds)) return undefined
  return BigInt(milliseconds) * perMillisecond + BigInt(fraction.padEnd(9, '0'))
}

/** How a panel writes the times of its models (contracts/komari.md 1.14). */
export interface TimeFormat {
  /** RFC3339Nano in UTC since 1.2.7; whole seconds with the server's offset before. */
  readonly precise: boolean
  /** Of the server's time zone, where it shows: before 1.2.7. */
  readonly offsetMinutes: number
}

/** Go's RFC3339Nano in UTC: the fraction without trailing zeros, none for a whole second. */
export function formatNano(instant: Instant): string {
  const fraction = ((instant % perSecond) + perSecond) % perSecond
  const seconds = Number((instant - fraction) / perSecond)
  const digits = fraction === 0n ? '' : `.${String(fraction).padStart(9, '0').replace(/0+$/, '')}`
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}${digits}Z`
}

/** A time of a model. */
export function formatTime(instant: Instant, {precise, offsetMinutes}: TimeFormat): string {
  if (precise) return formatNano(instant)
  return formatSeconds(Number(instant / perSecond) * 1000, offsetMinutes)
}

/** RFC 3339 to the second, at an offset from UTC. */
export function formatSeconds(milliseconds: number, offsetMinutes: number): string {
  const wall = new Date(milliseconds + offsetMinutes * 60_000).toISOString().slice(0, 19)
  if (offsetMinutes === 0) return `${wall}Z`
  const size = Math.abs(offsetMinutes)
  const [hours, minutes] = [Math.floor(size / 60), size % 60].map(part => String(part).padStart(2, '0'))
  return `${wall}${offsetMinutes < 0 ? '-' : '+'}${hours}:${minutes}`
}
