import {usageError} from '../errors.js'

const units: Readonly<Record<string, number>> = {ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000}

/** A century: what lies further back is no date that anybody means. */
const LONGEST_SPAN = 36_500 * 86_400_000

/** A timer takes 31 bits of milliseconds; a longer one would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1

/**
 * How far back, in milliseconds: `500ms`, `30s`, `5m`, `2h` or `7d`.
 * @throws PanelctlError USAGE for anything else, zero and more than a century
 */
export function parseSpan(input: string): number {
  return millisecondsIn(input, LONGEST_SPAN, '36500d')
}

/**
 * How long something may take, in milliseconds: `500ms`, `30s`, `5m`, `2h` or `7d`.
 * @throws PanelctlError USAGE for anything else, zero and what overflows a timer included
 */
export function parseDuration(input: string): number {
  return millisecondsIn(input, LONGEST_TIMER, '24d')
}

function millisecondsIn(input: string, most: number, written: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(input)
  const value = Number(match?.[1]) * (units[match?.[2] ?? ''] ?? Number.NaN)
  if (Number.isNaN(value)) {
    throw usageError(`"${input}" is not a duration`, 'write it as 500ms, 30s, 5m, 2h or 7d')
  }
  if (value <= 0 || value > most) throw usageError(`${input} is not a duration between 1ms and ${written}`)
  return value
}
