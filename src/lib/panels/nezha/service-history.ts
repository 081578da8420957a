import {byGeneration} from '../../http/generation.js'
import {milliseconds} from '../../output/cell.js'
import type {Curve} from '../../output/chart.js'
import {type Columns, hidden} from '../../output/columns.js'
import {targetOf} from '../../resource/resource.js'
import {meant} from '../../resource/target.js'
import {type Delays, keptOnly, summarize} from '../delays.js'
import {delayColumns} from './columns.js'
import {periodOf} from './periods.js'
import {services} from './resources/services.js'
import type {Reading} from './servers.js'
import {showServiceHistory} from './v1/endpoints.js'
import type {ServiceHistory} from './v1/schemas.js'

export function delaysFrom({stats}: ServiceHistory): Delays {
  const points = stats.data_points ?? []
  return summarize(
    points.map(({ts, delay, status}) => ({time: ts, value: status === 1 && delay > 0 ? delay : null})),
  )
}

/** What each server measured of a service in the last milliseconds, a day if nothing is said. Statistics of the panel are of its whole period. */
export async function readServiceHistory(
  run: Reading & {note(text: string): void},
  reference: string,
  since: number | undefined,
): Promise<ServiceHistory[]> {
  const {api} = run
  const {period, lasts} = periodOf(since)
  const target = targetOf(services)
  const {servers} = await byGeneration(
    [
      async () => {
        const id = meant(await target.named(api), reference, target).id
        return api(showServiceHistory, {path: {id}, query: {period}})
      },
    ],
    'v1 keeps it by server: nezha monitor show',
  )
  if (since !== undefined && since > lasts) run.note(keptOnly(lasts / 3_600_000))
  const start = since === undefined ? 0 : run.now().getTime() - since
  return (servers ?? []).map(server => ({
    ...server,
    stats: {...server.stats, data_points: (server.stats.data_points ?? []).filter(({ts}) => ts >= start)},
  }))
}

export const serviceHistoryColumns: Columns<ServiceHistory> = {
  id: hidden(({server_id}) => server_id),
  server: ({server_name}) => server_name,
  ...delayColumns(delaysFrom),
}

/** Each server's delays, with gaps and marks where probes were lost. */
export function serviceCurves(rows: readonly ServiceHistory[]): Curve[] {
  return rows.map(row => ({
    title: row.server_name ?? `server ${row.server_id}`,
    points: delaysFrom(row).series,
    cell: milliseconds,
    withoutValue: 'lost',
  }))
}
