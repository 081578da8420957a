import type {Point} from '../output/series.js'

/** What a probe measured, in milliseconds and percent; null where there is nothing to say it of. */
export interface Delays {
  readonly points: number
  readonly last: number | null
  readonly min: number | null
  readonly avg: number | null
  readonly max: number | null
  readonly loss: number | null
  /** Oldest first. */
  readonly series: readonly Point[]
}

/** The figures of delays, oldest first. A lost probe is null, by whatever sign its panel tells it, and enters no average. */
export function summarize(series: readonly Point[]): Delays {
  let min: number | null = null
  let max: number | null = null
  let sum = 0
  let answered = 0
  for (const {value: delay} of series) {
    if (delay === null) continue
    answered += 1
    sum += delay
    if (min === null || delay < min) min = delay
    if (max === null || delay > max) max = delay
  }
  return {
    points: series.length,
    last: series.at(-1)?.value ?? null,
    min,
    avg: answered > 0 ? sum / answered : null,
    max,
    loss: series.length > 0 ? (100 * (series.length - answered)) / series.length : null,
    series,
  }
}

interface Ending {
  now(): Date
  note(text: string): void
  /** How long a point lasts that stands at its beginning, in milliseconds. */
  readonly lasts?: number
}

/**
 * Where the last `since` milliseconds begin, in Unix milliseconds. They end now by the clock that answers tell. That may be a
 * proxy's: what was measured later shows it, and they end there. Where nothing is of that time, though there is of before, either
 * nothing was measured since, or the panel's clock is behind: says of when the newest is.
 */
export function windowStart(times: readonly number[], since: number, {now, note, lasts = 0}: Ending): number {
  const newest = times.reduce((one, other) => Math.max(one, other || 0), 0)
  const beginning = Math.max(now().getTime(), newest) - since
  if (newest === 0 || newest >= beginning) return beginning
  // It is of the time that it lasts, too.
  if (newest >= beginning - lasts) return newest
  note(`nothing is of that time: the newest is of ${new Date(newest).toISOString()}`)
  return beginning
}

/** What is said where a panel keeps less than was asked for: it answers with what it has. */
export function keptOnly(hours: number, most = ''): string {
  const kept = hours > 24 && hours % 24 === 0 ? `${hours / 24} days` : `${hours} hours`
  return `the panel keeps ${most}${kept} of these records: older ones are gone`
}
