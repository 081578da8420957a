import type {Api} from '../../http/client.js'
import {type Delays, keptOnly, summarize} from '../delays.js'
import {showMonitors} from './endpoints.js'
import type {Monitor} from './schemas.js'
import {serverId} from './servers.js'

/** A delay of 0 is a lost probe (contracts/nezha.md 1.5, trap 20). */
export function delaysOf({created_at, avg_delay}: Monitor): Delays {
  const time = (index: number) => created_at[index] ?? Number.NaN
  return summarize(avg_delay.map((delay, index) => ({time: time(index), value: delay === 0 ? null : delay})))
}

/** What the panel keeps, in milliseconds (contracts/nezha.md 1.5). */
const KEPT = 24 * 3_600_000

/** What the monitors measured of a server; only of the time `since` (milliseconds) where that is given. */
export async function readMonitors(
  api: Api,
  server: string,
  {since, now, note}: {readonly since: number | undefined; now(): Date; note(text: string): void},
): Promise<Monitor[]> {
  const monitors = (await api(showMonitors, {path: {id: await serverId(api, server)}})) ?? []
  if (since === undefined) return monitors
  if (since > KEPT) note(keptOnly(24))
  return onlyFrom(monitors, now().getTime() - since)
}

/** The monitors with only the points since a time (Unix milliseconds). */
function onlyFrom(monitors: readonly Monitor[], start: number): Monitor[] {
  return monitors.map(monitor => {
    const kept = monitor.created_at.flatMap((time, index) => (time >= start ? [index] : []))
    return {
      ...monitor,
      created_at: kept.map(index => monitor.created_at[index] ?? 0),
      avg_delay: kept.map(index => monitor.avg_delay[index] ?? 0),
    }
  })
}
