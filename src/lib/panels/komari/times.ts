/**
 * A time of the panel: RFC 3339 with or without a fraction, up to 1.0.2 with a space and seven digits (contracts/komari.md
 * 1.14, trap 26). One without a zone is UTC, as the panel counts, whatever `TZ` is here. Null for none, which
 * is also Go's zero and Unix's; an invalid date for what is no time.
 */
export function timeOf(text: string | null | undefined): Date | null {
  if (text === null || text === undefined || text === '') return null
  const time = text.replace(' ', 'T').replace(/(\.\d{3})\d+/, '$1')
  const date = new Date(/T[\d:.]+$/.test(time) ? `${time}Z` : time)
  return date.getUTCFullYear() < 2 || date.getTime() === 0 ? null : date
}
