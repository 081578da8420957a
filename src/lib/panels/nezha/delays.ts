import {PanelctlError} from '../../errors.js'
import type {Client} from '../../http/client.js'
import {byGeneration} from '../../http/generation.js'
import type {Panel} from '../../http/panel.js'
import {type Delays, keptOnly, summarize, windowStart} from '../delays.js'
import {listing, noServers} from './listing.js'
import {nezha} from './panel.js'
import {keptByAll, ofFew, ofMeans, periodOf} from './periods.js'
import type {Monitor} from './schemas.js'
import {type Reading, serverId, shownServers} from './servers.js'
import {showMonitors} from './v0/endpoints.js'
import {listServers, liveFeed, showServices, showServicesOfV1, showSettings} from './v1/endpoints.js'

/** A delay of 0 is a lost probe (contracts/nezha.md 1.5, trap 20). */
export function delaysOf({created_at, avg_delay}: Monitor): Delays {
  const time = (index: number) => created_at[index] ?? Number.NaN
  return summarize(avg_delay.map((delay, index) => ({time: time(index), value: delay === 0 ? null : delay})))
}

/**
 * Whether there is a server of this id, and for us: who asks a v1 dashboard up to 1.5 for the monitors of another stops it
 * for good (contracts/nezha.md trap 41).
 */
async function isListed(client: Client, id: number): Promise<boolean> {
  const isGuest = (await client.credentialKind(nezha)) === undefined
  if (isGuest)
    return (await client.askChannel(liveFeed, undefined)).servers?.some(one => one.id === id) ?? false
  const own = await client.call(listServers, {})
  // A member is listed its own alone, and may see what guests do.
  const rows = own?.some(server => server.id === id) ? own : await shownServers(client)
  return rows.some(server => server.id === id)
}

/** What the monitors measured of a server; only of the time `since` (milliseconds) where that is given. */
export async function readMonitors(
  run: Reading & {note(text: string): void; client(panel: Panel): Client},
  server: string,
  since: number | undefined,
): Promise<Monitor[]> {
  const {api} = run
  const id = await serverId(run, server)
  const asked = periodOf(since)
  const ofDay = async (monitors: Promise<Monitor[] | null>) => ({
    monitors: await monitors,
    kept: keptByAll,
    width: 0,
    areOfFew: async () => true,
  })
  const {monitors, kept, width, areOfFew} = await byGeneration([
    () => ofDay(api(showMonitors, {path: {id}})),
    async () => ({
      monitors: await api(showServices, {path: {id}, query: {period: asked.period}}),
      kept: asked.lasts,
      width: asked.width,
      // Without TSDB all are of whole minutes, and some are with it (contracts/nezha.md 3.4).
      areOfFew: async (times: readonly number[]) =>
        times.every(time => time % 60_000 === 0) && !(await api(showSettings, {})).tsdb_enabled,
    }),
    async () => {
      if (await isListed(run.client(nezha), id)) return ofDay(api(showServicesOfV1, {path: {id}}))
      throw new PanelctlError('NOT_FOUND', `${noServers([id])}, or not for this account`, listing)
    },
  ])
  let rows = monitors ?? []
  if (since !== undefined) {
    if (since > kept) run.note(keptOnly(kept / 3_600_000))
    const times = rows.flatMap(({created_at}) => created_at)
    rows = onlyFrom(rows, windowStart(times, since, {...run, lasts: width}))
  }
  const times = rows.map(({created_at}) => created_at)
  if (times.flat().length === 0) return rows
  if (await areOfFew(times.flat())) {
    run.note(ofFew)
    return rows
  }
  const said = ofMeans(asked, times, 'that were lost as a whole')
  if (said) run.note(`${said}; nezha service history counts every probe of a day, a week or a month`)
  return rows
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
