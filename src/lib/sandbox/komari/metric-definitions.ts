import {formatNano, type Instant} from './instant.js'
import type {LoadRecord} from './load-records.js'

/** The metrics of the store: what each is, its unit, and the column of a load record that it is (contracts/komari.md 2.6). */
const definitions: Readonly<Record<string, readonly [string, string, (keyof LoadRecord)?]>> = {
  'connections.tcp': ['TCP connections', 'count', 'connections'],
  'connections.udp': ['UDP connections', 'count', 'connections_udp'],
  'cpu.usage': ['CPU usage percentage', '%', 'cpu'],
  'disk.used': ['Disk used', 'bytes', 'disk'],
  'gpu.device.usage': ['Per-device GPU utilization', '%'],
  'gpu.memory.total': ['GPU memory total', 'bytes'],
  'gpu.memory.used': ['GPU memory used', 'bytes'],
  'gpu.temperature': ['GPU temperature', '°C'],
  'gpu.usage': ['GPU usage percentage', '%', 'gpu'],
  'load.average': ['System load average', '', 'load'],
  'memory.used': ['RAM used', 'bytes', 'ram'],
  'net.in.rate': ['Network in rate', 'bytes/s', 'net_in'],
  'net.out.rate': ['Network out rate', 'bytes/s', 'net_out'],
  'net.total.down': ['Network total download', 'bytes', 'net_total_down'],
  'net.total.up': ['Network total upload', 'bytes', 'net_total_up'],
  'ping.latency_ms': ['Ping latency', 'ms'],
  'ping.loss': ['Ping packet loss indicator', 'ratio'],
  'process.count': ['Process count', 'count', 'process'],
  'swap.used': ['Swap used', 'bytes', 'swap'],
  'traffic.down': ['Traffic download delta', 'bytes', 'traffic_down'],
  'traffic.up': ['Traffic upload delta', 'bytes', 'traffic_up'],
}

export const metricNames = Object.keys(definitions)

const day = 86_400_000

/** What is kept of a metric. */
export interface KeptMetric {
  readonly days: number
  readonly createdAt: Instant
  readonly updatedAt: Instant
  /** Nothing of before; in milliseconds since 1970. */
  readonly clearedAt: number
}

export function newMetric(days: number, createdAt: Instant): KeptMetric {
  return {days, createdAt, updatedAt: createdAt, clearedAt: 0}
}

/** A definition as the panel gives it. */
export function renderMetric(name: string, {days, createdAt, updatedAt}: KeptMetric) {
  const [description, unit] = definitions[name] ?? ['', '']
  // The store counts in milliseconds.
  const time = (at: Instant) => formatNano(at - (at % 1_000_000n))
  return {
    name,
    description,
    type: name.startsWith('net.total') ? 'counter' : 'gauge',
    ...(unit && {unit}),
    retention_days: days,
    created_at: time(createdAt),
    updated_at: time(updatedAt),
  }
}

/** What a panel keeps of its metrics, and the time there. */
interface Store {
  readonly metrics: ReadonlyMap<string, KeptMetric>
  now(): number
}

/** The moment after which a metric has what was stored; a bucket of so many milliseconds that begins before may reach into it. */
export function keptSince(name: string, bucket: number, store: Store): number {
  const {days, clearedAt} = store.metrics.get(name) ?? {days: 0, clearedAt: 0}
  return days === 0 ? Number.POSITIVE_INFINITY : Math.max(clearedAt, store.now() - days * day - bucket)
}

/** Load records with what the store still has: a metric that is gone reads as zero, a record of none is not there. */
export function keptLoad(rows: readonly LoadRecord[], bucket: number, store: Store): LoadRecord[] {
  const columns = Object.entries(definitions).flatMap(([name, [, , column]]) =>
    column ? [{column, since: keptSince(name, bucket, store)}] : [],
  )
  const all = Math.max(...columns.map(({since}) => since))
  return rows.flatMap(row => {
    if (row.at > all) return [row]
    const gone = columns.filter(({since}) => row.at <= since).map(({column}) => [column, 0])
    return gone.length === columns.length ? [] : [{...row, ...Object.fromEntries(gone)}]
  })
}
