import {arg, flag, type ValuesOf} from '../../flags/flags.js'
import type {Client} from '../../http/client.js'
import {byGeneration} from '../../http/generation.js'
import type {Panel} from '../../http/panel.js'
import {milliseconds} from '../../output/cell.js'
import type {Curve} from '../../output/chart.js'
import {type Columns, hidden} from '../../output/columns.js'
import {targetOf} from '../../resource/resource.js'
import {meant, typed} from '../../resource/target.js'
import {type Delays, keptOnly, summarize, windowStart} from '../delays.js'
import {delayColumns} from './columns.js'
import {nezha} from './panel.js'
import {ofFew, ofMeans, periodOf} from './periods.js'
import {services} from './resources/services.js'
import type {Reading} from './servers.js'
import {showServiceHistory} from './v1/endpoints.js'
import type {ServiceHistory} from './v1/schemas.js'

type Stats = ServiceHistory['stats']

/**
 * The loss and the average are of all probes where they are counted: a point tells of many, and its status is 1 where
 * more of them came back than were lost. To the panel a lost one took 0 ms, in its points as in its average.
 */
function delaysFrom({stats}: Pick<ServiceHistory, 'stats'>): Delays {
  const {data_points, avg_delay, total_up = 0, total_down = 0} = stats
  const delays = summarize(
    (data_points ?? []).map(({ts, delay, status}) => ({
      time: ts,
      value: status === 1 && delay > 0 ? delay : null,
    })),
  )
  const counted = total_up + total_down
  if (counted === 0) return delays
  const avg = total_up > 0 && avg_delay !== undefined ? (avg_delay * counted) / total_up : delays.avg
  return {...delays, avg, loss: (100 * total_down) / counted}
}

/** The points from a time on, and statistics of them: those of the panel are of its whole period. */
function onlyFrom(stats: Stats, start: number): Stats {
  const data_points = (stats.data_points ?? []).filter(({ts}) => ts >= start)
  const left = {...stats, data_points, total_up: 0, total_down: 0}
  const {avg, points} = delaysFrom({stats: left})
  const total_up = data_points.filter(({status}) => status === 1).length
  const share = points > 0 ? total_up / points : 0
  return {
    ...left,
    avg_delay: (avg ?? 0) * share,
    up_percent: 100 * share,
    total_up,
    total_down: points - total_up,
  }
}

/** The id of a service. Guests may not list, and others are not listed all that they may see: they give it. */
async function idOf({api, client}: Run, reference: string): Promise<string | number> {
  const target = targetOf(services)
  const id = typed(reference)
  const isGuest = (await client(nezha).credentialKind(nezha)) === undefined
  if (isGuest && typeof id === 'number') return id
  const listed = await target.named(api)
  const isUnlisted = listed.every(one => one.id !== id && one.name !== reference)
  return isUnlisted && typeof id === 'number' ? id : meant(listed, id, target).id
}

type Run = Reading & {note(text: string): void; client(panel: Panel): Client}

/** What each server measured of a service in the last milliseconds, a day if nothing is said. */
async function readHistory(
  run: Run,
  reference: string,
  since: number | undefined,
): Promise<ServiceHistory[]> {
  const {api} = run
  const asked = periodOf(since)
  const {period, lasts} = asked
  const {servers} = await byGeneration(
    [
      async () => {
        const id = await idOf(run, reference)
        return api(showServiceHistory, {path: {id}, query: {period}})
      },
    ],
    'v1 keeps that of ICMP and TCP alone, by server: nezha monitor show',
  )
  const isAnyCounted = servers?.some(({stats}) => (stats.total_up ?? 0) + (stats.total_down ?? 0) > 0)
  const hasPoints = servers?.some(({stats}) => stats.data_points?.length)
  // Without TSDB nothing is counted (3.4).
  if (hasPoints && !isAnyCounted) run.note(ofFew)
  if (servers == null || since === undefined || since === lasts) return servers ?? []
  if (since > lasts) {
    run.note(keptOnly(lasts / 3_600_000))
    return servers
  }
  const times = servers.flatMap(({stats}) => (stats.data_points ?? []).map(({ts}) => ts))
  const start = windowStart(times, since, {...run, lasts: asked.width})
  const rows = servers.map(server => ({...server, stats: onlyFrom(server.stats, start)}))
  const said = ofMeans(
    asked,
    rows.map(({stats}) => (stats.data_points ?? []).map(({ts}) => ts)),
    'of which half or more was lost',
  )
  if (said !== undefined && isAnyCounted) run.note(said)
  return rows
}

/** Each server's delays, with gaps and marks where probes were lost. */
function curves(rows: readonly ServiceHistory[]): Curve[] {
  return rows.map(row => ({
    title: row.server_name ?? `server ${row.server_id}`,
    points: delaysFrom(row).series,
    cell: milliseconds,
    withoutValue: 'lost',
  }))
}

const input = {
  args: {
    name: arg.text({
      summary: 'id or unique name',
      required: true,
      among: 'nezha service list --columns name,id',
    }),
  },
  flags: {since: flag.span({summary: 'how far back'})},
}

interface HistoryRun extends Reading {
  readonly args: ValuesOf<typeof input.args>
  readonly flags: ValuesOf<typeof input.flags>
  readonly speech: {note(text: string): void}
  client(panel: Panel): Client
}

const columns: Columns<ServiceHistory> = {
  id: hidden(({server_id}) => server_id),
  server: ({server_name}) => server_name,
  ...delayColumns(delaysFrom),
}

/** What there is to see of a service besides itself. */
export const serviceHistory = {
  ...input,
  summary: 'show what each server measured of a service (v2)',
  description:
    'The last day if nothing is said; the panel keeps 30 days, as means of 30 seconds, 30 minutes or 2 hours. A lost probe is 0 ms in them, and a status of 0 a point with half or more of its probes lost; AVG and LOSS are of all probes of a whole period, where the TSDB of the dashboard is on.',
  examples: ['nezha service history web', 'nezha service history web --since 7d --chart'],
  noun: 'servers with measurements',
  fetch: ({api, now, client, args, flags, speech}: HistoryRun) =>
    readHistory({api, now, client, note: speech.note}, args.name, flags.since),
  columns,
  id: ({server_id}: ServiceHistory) => server_id,
  curves,
}
