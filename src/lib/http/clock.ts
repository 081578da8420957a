import type {IncomingHttpHeaders} from 'node:http'

/**
 * Unix milliseconds of a date in a header, NaN where it is none. Without a zone it is GMT as well (RFC 9110 5.6.7), and not
 * the time of this machine; of one that was told twice the first counts.
 */
export function headerDate(text: string): number {
  if (!/[a-z]/i.test(text)) return Number.NaN
  const [zoned] = /^.*?(?:GMT|UTC|\dZ|[+-]\d{4}$)/i.exec(text) ?? []
  return Date.parse(zoned ?? `${text} GMT`)
}

/** How many seconds ago a cache had the answer: digits and nothing else (RFC 9111 5.1), of several the first. */
export function ageOf({age = ''}: IncomingHttpHeaders): number {
  return Number(/^\s*(\d{1,9})\b/.exec(age)?.[1] ?? 0)
}

/** The clock of who answered, where it told: `own` Unix milliseconds, else the `Date` header. */
export function clockOf(headers: IncomingHttpHeaders, own?: number): Date | undefined {
  // A cache gives the date of the panel with it.
  const told = (own ?? headerDate(headers.date ?? '')) + ageOf(headers) * 1000
  return Number.isNaN(told) ? undefined : new Date(told)
}
