import {goFloat32} from '../go/json.js'
import {grouped} from '../grouped.js'
import {reportTimes} from '../machine.js'
import {type Agent, ringsAt} from './agent.js'
import type {Features} from './features.js'
import {formatSeconds, millisecondsOf, type TimeFormat} from './instant.js'
import {type Report, reportOf} from './report.js'

/**
 * The columns of a record of history in the panel's order, and how a bucket makes one value of its rows: the mean, a whole
 * one, the sum, or the last (contracts/komari.md 1.9). Bytes, bytes/s and percent.
 */
const columns = {
  cpu: 'mean',
  gpu: 'mean',
  ram: 'whole',
  ram_total: 'last',
  swap: 'whole',
  swap_total: 'last',
  load: 'mean',
  temp: 'last',
  disk: 'whole',
  disk_total: 'last',
  net_in: 'whole',
  net_out: 'whole',
  net_total_up: 'last',
  net_total_down: 'last',
  traffic_up: 'sum',
  traffic_down: 'sum',
  process: 'whole',
  connections: 'whole',
  connections_udp: 'whole',
} as const

type Column = keyof typeof columns

const columnNames = Object.keys(columns) as Column[]

/** One record of history; `at` is in milliseconds since 1970. */
export type LoadRecord = Readonly<Record<Column | 'at', number>>

/** One measurement of a graphics card. */
export interface GpuRecord {
  readonly at: number
  readonly device_index: number
  readonly device_name: string
  readonly mem_total: number
  readonly mem_used: number
  readonly utilization: number
  readonly temperature: number
}

/** A span of time, in milliseconds since 1970. */
export interface Span {
  readonly from: number
  readonly until: number
  /** How long a bucket of the metric store is. */
  readonly bucket: number
}

const minute = 60_000
const hour = 60 * minute

/**
 * The span that a request asks for. Buckets last a minute, five, an hour or a day, by what was asked
 * (contracts/komari.md 4); what is older than the retention is not there.
 */
export function spanOf(asked: {readonly from: number; readonly until: number}, retentionHours: number): Span {
  const {from, until} = asked
  const hours = (until - from) / hour
  const bucket = hours < 10 ? minute : hours < 50 ? 5 * minute : hours < 600 ? hour : 24 * hour
  return {from: Math.max(from, until - retentionHours * hour), until, bucket}
}

/** A report as a record of its moment; `connections` is TCP alone in history (1.13 no. 18). */
export function recordOf(report: Report): LoadRecord {
  const {cpu, gpu, ram, swap, load, disk, network, connections, process} = report
  return {
    at: millisecondsOf(report.at),
    cpu: cpu.usage,
    gpu: gpu?.average_usage ?? 0,
    ram: ram.used,
    ram_total: ram.total,
    swap: swap.used,
    swap_total: swap.total,
    load: load.load1,
    // No agent tells a temperature.
    temp: 0,
    disk: disk.used,
    disk_total: disk.total,
    net_in: network.down,
    net_out: network.up,
    net_total_up: network.totalUp,
    net_total_down: network.totalDown,
    traffic_up: 0,
    traffic_down: 0,
    process,
    connections: connections.tcp,
    connections_udp: connections.udp,
  }
}

/** At most this many reports of a machine are looked at for one bucket: a day of them has 28,800. */
const samples = 5
const quarter = 15 * minute
const recentPart = 4 * 60 * minute

/** The history of one node in a span, as the panel's version keeps it. */
export function loadRecords(
  agent: Agent,
  set: readonly LoadRecord[] | undefined,
  span: Span,
  {metrics, guides}: Features,
): LoadRecord[] {
  if (span.until <= span.from) return []
  if (!metrics) return set ? set.filter(({at}) => within(at, span)) : legacyRecords(agent, span)
  const size = span.bucket
  const buckets = set
    ? bucketsOf(
        set.filter(({at}) => at + size > span.from && at <= span.until),
        size,
      )
    : sampledBuckets(agent, span, size)
  const records = buckets.map(([at, rows]) => averaged(at, rows))
  // Totals are not stored any more.
  return guides ? records.map(record => ({...record, ram_total: 0, swap_total: 0, disk_total: 0})) : records
}

function within(at: number, {from, until}: {from: number; until: number}): boolean {
  return at >= from && at <= until
}

type Bucket = readonly [at: number, rows: readonly LoadRecord[]]

function bucketsOf(rows: readonly LoadRecord[], size: number): Bucket[] {
  const buckets = grouped(rows, ({at}) => at - (at % size))
  return [...buckets].sort(([one], [other]) => one - other)
}

function sampledBuckets(agent: Agent, span: Span, size: number): Bucket[] {
  const own = agent.reports.filter(({at}) => within(millisecondsOf(at), span)).map(recordOf)
  const {machine} = agent
  if (!machine) return bucketsOf(own, size)
  const first = Math.max(span.from, machine.connectedAt)
  const last = Math.min(span.until, machine.disconnectedAt ?? span.until)
  const buckets: Bucket[] = []
  for (let start = first - (first % size); start <= last; start += size) {
    const times = reportTimes(machine, Math.max(start, first), Math.min(start + size - 1, last))
    if (times.length === 0) continue
    const step = Math.max(1, (times.length - 1) / (samples - 1))
    const picked = new Set(
      Array.from(
        {length: samples},
        (_, index) => times[Math.min(times.length - 1, Math.round(index * step))],
      ),
    )
    const rows = [...picked].flatMap(at => (at === undefined ? [] : recordOf(reportOf(machine.machine, at))))
    const [one, other] = [rows[0], rows.at(-1)]
    if (!one || !other) continue
    // Traffic is the sum over the bucket: the difference of the counters.
    const up = other.net_total_up - one.net_total_up
    const down = other.net_total_down - one.net_total_down
    buckets.push([
      start,
      rows.map((row, index) => (index ? row : {...row, traffic_up: up, traffic_down: down})),
    ])
  }
  return buckets
}

/** One record of all the rows of a bucket. */
function averaged(at: number, rows: readonly LoadRecord[]): LoadRecord {
  const last = rows.at(-1) as LoadRecord
  const values = columnNames.map(name => {
    const sum = rows.reduce((total, row) => total + row[name], 0)
    const value = {mean: sum / rows.length, whole: Math.trunc(sum / rows.length), sum, last: last[name]}
    return [name, rows.length === 1 ? last[name] : value[columns[name]]] as const
  })
  return {...(Object.fromEntries(values) as LoadRecord), at}
}

/** A row a minute for four hours, then one a quarter; the recent part stands first (contracts/komari.md 1.14). */
function legacyRecords(agent: Agent, span: Span): LoadRecord[] {
  const border = Math.max(span.from, span.until - recentPart)
  const recent = rowsEvery(agent, border, span.until, minute)
  return [...recent, ...rowsEvery(agent, span.from, border - 1, quarter)]
}

function rowsEvery(agent: Agent, from: number, until: number, interval: number): LoadRecord[] {
  const rows: LoadRecord[] = []
  for (let at = Math.ceil((from - ringsAt) / interval) * interval + ringsAt; at <= until; at += interval) {
    const own = agent.reports.findLast(report => {
      const time = millisecondsOf(report.at)
      return time <= at && time > at - interval
    })
    const {machine} = agent
    const time = machine && reportTimes(machine, at - 15_000, at).at(-1)
    if (machine && time !== undefined) rows.push({...recordOf(reportOf(machine.machine, time)), at})
    else if (own) rows.push({...recordOf(own), at})
  }
  return rows
}

/** `time` as the version writes it. */
function timeText(at: number, time: TimeFormat): string {
  return formatSeconds(at, time.precise ? 0 : time.offsetMinutes)
}

/** Some columns of a record; cpu, gpu and load are in single precision (contracts/komari.md 1.9). */
function valuesIn(record: LoadRecord, names: readonly Column[]): Partial<Record<Column, number>> {
  const value = (name: Column) => (columns[name] === 'mean' ? goFloat32(record[name]) : record[name])
  return Object.fromEntries(names.map(name => [name, value(name)] as const))
}

/** A record with everything. */
export function renderLoad(client: string, record: LoadRecord, features: Features, time: TimeFormat) {
  const names = columnNames.filter(name => features.physicalCores || columns[name] !== 'sum')
  return {client, time: timeText(record.at, time), ...valuesIn(record, names)}
}

/** Which fields a `load_type` leaves of a record; `undefined` for a type the panel does not know. */
const fields: Readonly<Record<string, readonly Column[]>> = {
  cpu: ['cpu'],
  gpu: ['gpu'],
  ram: ['ram', 'ram_total'],
  swap: ['swap', 'swap_total'],
  load: ['load'],
  temp: ['temp'],
  disk: ['disk', 'disk_total'],
  network: ['net_in', 'net_out', 'net_total_down', 'net_total_up'],
  process: ['process'],
  connections: ['connections', 'connections_udp'],
}

/** Types of the REST route; `gpu` is refused there, and RPC takes what it does not know for `cpu`. */
export function isLoadType(type: string): boolean {
  return type !== 'gpu' && Object.hasOwn(fields, type)
}

/** A record with the fields of one type alone. */
export function renderLoadType(
  client: string,
  record: LoadRecord,
  type: string,
  time: TimeFormat,
  derived: boolean,
): Record<string, unknown> {
  const values = valuesIn(record, fields[type] ?? ['cpu'])
  const json: Record<string, unknown> = {client, ...values, time: timeText(record.at, time)}
  if (!derived) return json
  for (const name of ['ram', 'swap', 'disk'] as const) {
    const total = record[`${name}_total`]
    if (type === name && total > 0)
      json[`${name}_percent`] = goFloat32(Math.fround(Math.fround(record[name]) / Math.fround(total)) * 100)
  }
  // The panel takes the sum for what is TCP alone: this can be negative.
  if (type === 'connections') json.connections_tcp = record.connections - record.connections_udp
  return json
}

const gpuWindow = 10 * minute

/** What the panel has of a node's graphics cards: raw, the last ten minutes, in random order (contracts/komari.md 1.9). */
export function gpuRecords(
  agent: Agent,
  set: readonly GpuRecord[] | undefined,
  span: Span,
  metrics: boolean,
) {
  if (set) return set.filter(({at}) => within(at, span))
  const {machine} = agent
  if (!machine || machine.machine.gpus.length === 0) return []
  const from = metrics ? Math.max(span.from, span.until - gpuWindow) : span.from
  const times = metrics
    ? reportTimes(machine, from, span.until)
    : legacyRecords(agent, span).map(({at}) => at)
  return times.flatMap(at =>
    (reportOf(machine.machine, at).gpu?.detailed_info ?? []).map((device, index): GpuRecord => {
      const {name, memory_total, memory_used, utilization, temperature} = device
      return {
        at,
        device_index: index,
        device_name: name,
        mem_total: memory_total,
        mem_used: memory_used,
        utilization,
        temperature,
      }
    }),
  )
}

/** The records by device, keyed by its index. */
export function renderGpu(client: string, records: readonly GpuRecord[], time: TimeFormat) {
  const devices = grouped(records, ({device_index}) => device_index)
  return Object.fromEntries(
    [...devices]
      .sort(([one], [other]) => one - other)
      .map(([device_index, rows]) => [
        String(device_index),
        {
          device_index,
          device_name: rows[0]?.device_name ?? '',
          records: rows.map(({at, ...rest}) => ({client, time: gpuTime(at, time), ...rest})),
        },
      ]),
  )
}

/** With milliseconds where the metric store keeps it. */
function gpuTime(at: number, time: TimeFormat): string {
  return time.precise ? new Date(at).toISOString().replace(/\.?0*Z$/, 'Z') : timeText(at, time)
}
