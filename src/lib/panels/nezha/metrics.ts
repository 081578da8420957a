import {PanelctlError} from '../../errors.js'
import type {Client} from '../../http/client.js'
import {byGeneration} from '../../http/generation.js'
import type {Panel} from '../../http/panel.js'
import {
  bytes,
  bytesPerSecond,
  celsius,
  decimal,
  duration,
  moment,
  percent,
  rounded,
  type TypedCell,
} from '../../output/cell.js'
import type {Curve} from '../../output/chart.js'
import type {Columns} from '../../output/columns.js'
import {LATEST} from '../../output/series.js'
import {keptOnly, windowStart} from '../delays.js'
import {nezha} from './panel.js'
import {periodOf} from './periods.js'
import {allServers, findServer, oneServer, type Reading, serverId} from './servers.js'
import {showMetrics, showSettings} from './v1/endpoints.js'

/** What v2 keeps of a server (contracts/nezha.md 3.4), and how people read it. */
const metrics = {
  cpu: percent,
  memory: bytes,
  swap: bytes,
  disk: bytes,
  net_in_speed: bytesPerSecond,
  net_out_speed: bytesPerSecond,
  net_in_transfer: bytes,
  net_out_transfer: bytes,
  load1: decimal,
  load5: decimal,
  load15: decimal,
  tcp_conn: rounded,
  udp_conn: rounded,
  process_count: rounded,
  temperature: celsius,
  uptime: duration,
  gpu: percent,
} satisfies Readonly<Record<string, (value: number) => TypedCell>>

type Metric = keyof typeof metrics

export const metricNames = Object.keys(metrics) as readonly Metric[]

/** The mean of some seconds, minutes or hours, the coarser the longer ago one asks for. */
export interface MetricPoint {
  /** Unix ms. */
  readonly ts: number
  /** Null of what the machine does not have, of which the panel keeps rows of 0 (contracts/nezha.md 3.4). */
  readonly value: number | null
  readonly metric: Metric
}

/** Whether a server is known not to have what its rows of 0 are of; notes that. To guests, and of others' to members, nothing is known. */
async function isUntold(run: Run, id: number, metric: Metric): Promise<boolean> {
  if (metric !== 'gpu' && metric !== 'temperature') return false
  try {
    const {name, host, status} = await oneServer(run, String(id))
    if (metric === 'gpu' ? host.GPU?.length : status.Temperatures?.length) return false
    run.note(`${name} tells of no ${metric === 'gpu' ? 'GPU' : 'temperature'}`)
    return true
  } catch (error) {
    if (error instanceof PanelctlError && ['AUTH', 'NOT_FOUND'].includes(error.code)) return false
    throw error
  }
}

type Run = Reading & {note(text: string): void; client(panel: Panel): Client}

/** The id of a server. Guests may not list, and members are not listed all that they may see: they give it. */
async function idOf(run: Run, reference: string): Promise<number> {
  const isGuest = (await run.client(nezha).credentialKind(nezha)) === undefined
  const listed = isGuest ? [] : await allServers(run)
  const isListed = listed.some(({id, name}) => [String(id), name].includes(reference))
  return isListed ? findServer(listed, reference).id : serverId(run, reference)
}

/**
 * What a server measured in the last milliseconds, a day if nothing is said.
 * @throws PanelctlError REJECTED where the generation or this dashboard keeps none, else as `findServer`
 */
export async function readMetrics(
  run: Run,
  reference: string,
  {metric, since}: {readonly metric: Metric; readonly since: number | undefined},
): Promise<MetricPoint[]> {
  const {period, lasts, width} = periodOf(since)
  const id = await idOf(run, reference)
  const points = await byGeneration(
    [
      async () => {
        const {data_points} = await run.api(showMetrics, {path: {id}, query: {metric, period}})
        if (data_points?.length) return data_points
        const {tsdb_enabled} = await run.api(showSettings, {})
        if (tsdb_enabled) return []
        throw new PanelctlError('REJECTED', 'this dashboard keeps no metrics: its TSDB is off', {
          hint: 'it is switched on in the configuration of the dashboard (tsdb)',
          panel: 'nezha',
        })
      },
    ],
    'metrics are kept since v2',
  )
  if (since !== undefined && since > lasts) run.note(keptOnly(lasts / 3_600_000))
  const times = points.map(({ts}) => ts)
  const start = since === undefined ? 0 : windowStart(times, since, {...run, lasts: width})
  const shown = points.filter(({ts}) => ts >= start && ts < LATEST)
  const isMissing =
    shown.length > 0 && shown.every(({value}) => value === 0) && (await isUntold(run, id, metric))
  return shown.map(({ts, value}) => ({ts, value: isMissing ? null : value, metric}))
}

export const metricColumns: Columns<MetricPoint> = {
  time: ({ts}) => moment(new Date(ts)),
  value: ({metric, value}) => (value === null ? null : metrics[metric](value)),
}

export function metricCurves(points: readonly MetricPoint[]): Curve[] {
  const [first] = points
  if (!first) return []
  const title = first.metric.replaceAll('_', ' ')
  return [{title, points: points.map(({ts, value}) => ({time: ts, value})), cell: metrics[first.metric]}]
}
