import {grouped} from '../grouped.js'
import type {Fields} from '../json-object.js'
import type {MethodCall} from './call.js'
import type {Caller} from './identity.js'
import {formatNano, instantAt, millisecondsOf, parseInstant} from './instant.js'
import type {Span} from './load-records.js'
import type {PingRecord} from './ping-records.js'
import {probesOf, visibleNodes} from './records.js'
import type {KomariState} from './state.js'

const hour = 3_600_000
const MINUTE = 60_000

function spanIn({hours, start}: Fields, state: KomariState): Span {
  const until = state.now()
  const instant = typeof start === 'string' ? parseInstant(start) : undefined
  const from = instant ? millisecondsOf(instant) : until - (Number(hours) > 0 ? Number(hours) : 4) * hour
  // The first bucket may begin before (contracts/komari.md 7.4).
  const bucket = until - from < 10 * hour ? MINUTE : 5 * MINUTE
  return {from: from - (from % bucket), until, bucket}
}

interface Series {
  readonly client: string
  readonly task: number
  /** Oldest first. */
  readonly buckets: ReadonlyArray<{readonly at: number; readonly values: readonly number[]}>
}

/** Every probe of the nodes that a caller may see, by node and task, in buckets of a minute. */
function seriesOf(uuid: unknown, task: unknown, span: Span, caller: Caller, state: KomariState): Series[] {
  const nodes = visibleNodes(caller, state).filter(({columns}) => uuid === undefined || columns.uuid === uuid)
  return nodes.flatMap(node => {
    const own = probesOf(node, span, state).filter(({task_id}) => !task || task_id === Number(task))
    return [...grouped(own, ({task_id}) => task_id)].map(([id, records]) => {
      const minutes = grouped(records, ({at}: PingRecord) => at - (at % span.bucket))
      const buckets = [...minutes].map(([at, rows]) => ({at, values: rows.map(({value}) => value)}))
      return {client: node.columns.uuid, task: id, buckets: buckets.sort((one, other) => one.at - other.at)}
    })
  })
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/**
 * `public:getPingMetricStats`: of every probe, but for the mean and the minimum, in which lost probes of a bucket with
 * others count as −1 (contracts/komari.md 7.2).
 */
export function pingMetricStats({params, caller, state}: MethodCall) {
  const span = spanIn(params, state)
  const stats = seriesOf(params.uuid, params.task_id, span, caller, state).flatMap(
    ({client, task, buckets}) => {
      const known = state.tasks.get(task)
      if (!known) return []
      const values = buckets.flatMap(bucket => bucket.values)
      const valid = values.filter(value => value >= 0)
      const counted = buckets.filter(bucket => mean(bucket.values) >= 0)
      const lowest = buckets.map(bucket => Math.min(...bucket.values)).filter(value => value >= 0)
      return {
        entity_id: client,
        task_id: String(task),
        name: known.name,
        type: known.type,
        interval: known.interval,
        tags: {task_id: String(task)},
        total: values.length,
        valid: valid.length,
        loss: (100 * (values.length - valid.length)) / values.length,
        ...(lowest.length > 0 && {min: Math.min(...lowest)}),
        ...(valid.length > 0 && {max: Math.max(...valid), latest: valid.at(-1)}),
        ...(counted.length > 0 && {avg: mean(counted.flatMap(bucket => bucket.values))}),
      }
    },
  )
  const [start, end] = [span.from, span.until].map(at => formatNano(instantAt(at)))
  return {start, end, interval_seconds: span.bucket / 1000, stats, count: stats.length}
}

/** Up to ten minutes it tells each probe as it came. */
function rawSpan(params: Fields, state: KomariState): Span {
  const span = spanIn(params, state)
  const instant = typeof params.start === 'string' ? parseInstant(params.start) : undefined
  const from = instant ? millisecondsOf(instant) : span.from
  return span.until - from > 10 * MINUTE ? span : {...span, from, bucket: 1}
}

/** `public:queryMetrics` of what pings are kept as (2.4, 7.2). */
export function queryPingMetrics({params, caller, state}: MethodCall) {
  const keys = Array.isArray(params.metric_keys) ? params.metric_keys.map(String) : []
  const {task_id: task} = (params.tags ?? {}) as Fields
  const all = seriesOf(params.entity_id, task, rawSpan(params, state), caller, state)
  const series = keys.flatMap(key =>
    all.map(({client, task, buckets}) => ({
      metric_key: key,
      entity_id: client,
      tags: {task_id: String(task)},
      points: buckets.map(({at, values}) => ({
        time: formatNano(instantAt(at)),
        value: mean(key === 'ping.loss' ? values.map(value => (value < 0 ? 1 : 0)) : values),
        count: values.length,
      })),
    })),
  )
  return {count: series.length, series}
}
