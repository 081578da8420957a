import type {Monitor} from './schemas.js'

/** What a monitor measured, in milliseconds and percent; null where there is nothing to say it of. */
export interface Delays {
  readonly points: number
  readonly last: number | null
  readonly min: number | null
  readonly avg: number | null
  readonly max: number | null
  readonly loss: number | null
  /** Each point in time order, null for a lost one. */
  readonly series: readonly (number | null)[]
}

/** A delay of 0 is a lost probe and enters no average (contracts/nezha.md 1.5, trap 20). */
export function delaysOf({avg_delay}: Monitor): Delays {
  const series = avg_delay.map(delay => (delay === 0 ? null : delay))
  let min: number | null = null
  let max: number | null = null
  let sum = 0
  let answered = 0
  for (const delay of series) {
    if (delay === null) continue
    answered += 1
    sum += delay
    if (min === null || delay < min) min = delay
    if (max === null || delay > max) max = delay
  }
  return {
    points: series.length,
    last: series.at(-1) ?? null,
    min,
    avg: answered > 0 ? sum / answered : null,
    max,
    loss: series.length > 0 ? ((series.length - answered) / series.length) * 100 : null,
    series,
  }
}

/** The monitors with only the points since a time (Unix milliseconds). */
export function since(monitors: readonly Monitor[], start: number): Monitor[] {
  return monitors.map(monitor => {
    const kept = monitor.created_at.flatMap((time, index) => (time >= start ? [index] : []))
    return {
      ...monitor,
      created_at: kept.map(index => monitor.created_at[index] ?? 0),
      avg_delay: kept.map(index => monitor.avg_delay[index] ?? 0),
    }
  })
}
