import {type Delays, summarize} from '../delays.js'
import type {Monitor} from './schemas.js'

/** A delay of 0 is a lost probe (contracts/nezha.md 1.5, trap 20). */
export function delaysOf({avg_delay}: Monitor): Delays {
  return summarize(avg_delay.map(delay => (delay === 0 ? null : delay)))
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
