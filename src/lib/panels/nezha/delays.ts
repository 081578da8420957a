import {byGeneration} from '../../http/generation.js'
import {type Delays, keptOnly, summarize} from '../delays.js'
import {keptByAll, periodOf} from './periods.js'
import type {Monitor} from './schemas.js'
import {type Reading, serverId} from './servers.js'
import {showMonitors} from './v0/endpoints.js'
import {showServices, showServicesOfV1} from './v1/endpoints.js'

/** A delay of 0 is a lost probe (contracts/nezha.md 1.5, trap 20). */
export function delaysOf({created_at, avg_delay}: Monitor): Delays {
  const time = (index: number) => created_at[index] ?? Number.NaN
  return summarize(avg_delay.map((delay, index) => ({time: time(index), value: delay === 0 ? null : delay})))
}

/** What the monitors measured of a server; only of the time `since` (milliseconds) where that is given. */
export async function readMonitors(
  run: Reading & {note(text: string): void},
  server: string,
  since: number | undefined,
): Promise<Monitor[]> {
  const {api} = run
  const id = await serverId(run, server)
  const asked = periodOf(since)
  const ofDay = async (monitors: Promise<Monitor[] | null>) => ({monitors: await monitors, kept: keptByAll})
  const {monitors, kept} = await byGeneration(
    [
      () => ofDay(api(showMonitors, {path: {id}})),
      async () => ({
        monitors: await api(showServices, {path: {id}, query: {period: asked.period}}),
        kept: asked.lasts,
      }),
      () => ofDay(api(showServicesOfV1, {path: {id}})),
    ],
    'it keeps its monitors in another way',
  )
  if (since === undefined) return monitors ?? []
  if (since > kept) run.note(keptOnly(kept / 3_600_000))
  return onlyFrom(monitors ?? [], run.now().getTime() - since)
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
