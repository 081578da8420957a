import type {IncomingHttpHeaders} from 'node:http'

/** The clock of who answered (its `Date` header), where it told. */
export function clockOf({date = '', age = '0'}: IncomingHttpHeaders): Date | undefined {
  // A cache gives the date of the panel with it, and how many seconds ago that was.
  const told = Date.parse(date) + (Number(age) || 0) * 1000
  return Number.isNaN(told) ? undefined : new Date(told)
}
