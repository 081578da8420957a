import {goFloat32} from '../go/json.js'
import {grouped} from '../grouped.js'
import {reportTimes} from '../machine.js'
import {type Agent, ringsAt} from './agent.js'
import type {Features} from './features.js'
import {formatSeconds, millisecondsOf, type TimeFormat} from './instant.js'
import {type Report, reportOf} from './report.js'

/** What is in single precision (contracts/komari.md 1.9). */
const singles: ReadonlySet<string> = new Set(['cpu', 'gpu', 'load'])

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

/**
 * A report as a record of its moment, in the panel's order: bytes, bytes/s and percent. `at` is in milliseconds since
 * 1970, `connections` is TCP alone in history (1.13 no. 18).
 */
export function recordOf(report: Report) {
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

export type LoadRecord = Readonly<ReturnType<typeof recordOf>>
type Column = Exclude<keyof LoadRecord, 'at'>

const recentPart = 4 * 60 * minute

/** The history of one node in a span, as the panel's version keeps it. */
export function loadRecords(
  agent: Agent,
  set: readonly LoadRecord[] | undefined,
  span: Span,
  {metrics, guides}: Features,
): LoadRecord[] {
  if (span.until <= span.from) return []
  if (!metrics) return set?.filter(({at}) => within(at, span)) ?? legacyRecords(agent, span)
  const rows = set
    ? set.filter(({at}) => at + span.bucket > span.from && at <= span.until)
    : [...agent.reports.map(recordOf).filter(({at}) => within(at, span)), ...sampled(agent, span)]
  const buckets = new Map(
    rows.map(row => {
      const at = row.at - (row.at % span.bucket)
      return [at, {...row, at}]
    }),
  )
  const records = [...buckets.values()].sort((one, other) => one.at - other.at)
  // Totals are not stored any more.
  return guides ? records.map(record => ({...record, ram_total: 0, swap_total: 0, disk_total: 0})) : records
}

function within(at: number, {from, until}: {from: number; until: number}): boolean {
  return at >= from && at <= until
}

/** Of each bucket the last report, with the traffic since its first one. */
function sampled({machine}: Agent, span: Span): LoadRecord[] {
  if (!machine) return []
  const first = Math.max(span.from, machine.connectedAt)
  const last = Math.min(span.until, machine.disconnectedAt ?? span.until)
  const rows: LoadRecord[] = []
  for (let start = first - (first % span.bucket); start <= last; start += span.bucket) {
    const times = reportTimes(machine, Math.max(start, first), Math.min(start + span.bucket - 1, last))
    const [one, other] = [times[0], times.at(-1)].map(at => at && recordOf(reportOf(machine.machine, at)))
    if (!one || !other) continue
    const traffic_up = other.net_total_up - one.net_total_up
    rows.push({...other, traffic_up, traffic_down: other.net_total_down - one.net_total_down})
  }
  return rows
}

/** A row a minute for four hours, then one a quarter; the recent part stands first (contracts/komari.md 1.14). */
function legacyRecords(agent: Agent, span: Span): LoadRecord[] {
  const border = Math.max(span.from, span.until - recentPart)
  const recent = rowsEvery(agent, border, span.until, minute)
  return [...recent, ...rowsEvery(agent, span.from, border - 1, 15 * minute)]
}

function rowsEvery({machine, reports}: Agent, from: number, until: number, interval: number): LoadRecord[] {
  const rows: LoadRecord[] = []
  for (let at = Math.ceil((from - ringsAt) / interval) * interval + ringsAt; at <= until; at += interval) {
    const time = machine && reportTimes(machine, at - 15_000, at).at(-1)
    const own = reports.findLast(report =>
      within(millisecondsOf(report.at), {from: at - interval, until: at}),
    )
    const report = machine && time !== undefined ? reportOf(machine.machine, time) : own
    if (report) rows.push({...recordOf(report), at})
  }
  return rows
}

/** A record with everything. */
export function renderLoad(client: string, record: LoadRecord, features: Features, time: TimeFormat) {
  const {at, traffic_up, traffic_down, ...rest} = record
  const values = {...rest, ...(features.physicalCores && {traffic_up, traffic_down})}
  return {client, time: formatSeconds(at, time.offsetMinutes), ...inSinglePrecision(values)}
}

function inSinglePrecision<Values extends Partial<LoadRecord>>(values: Values): Values {
  const entries = Object.entries<number>(values as Record<string, number>)
  const shown = entries.map(([name, value]) => [name, singles.has(name) ? goFloat32(value) : value])
  return Object.fromEntries(shown)
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
  const values = Object.fromEntries((fields[type] ?? ['cpu']).map(name => [name, record[name]]))
  const json: Record<string, unknown> = {
    client,
    ...inSinglePrecision(values),
    time: formatSeconds(record.at, time.offsetMinutes),
  }
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

/** One measurement of each graphics card. */
function cardsIn({machine}: NonNullable<Agent['machine']>, at: number) {
  const cards = reportOf(machine, at).gpu?.detailed_info ?? []
  return cards.map(({name, memory_total, memory_used, ...rest}, device_index) => ({
    ...{at, device_index, device_name: name, mem_total: memory_total, mem_used: memory_used},
    ...rest,
  }))
}

export type GpuRecord = ReturnType<typeof cardsIn>[number]

/** What the panel has of a node's graphics cards: raw, the last ten minutes, in random order (contracts/komari.md 1.9). */
export function gpuRecords(
  agent: Agent,
  set: readonly GpuRecord[] | undefined,
  span: Span,
  metrics: boolean,
): GpuRecord[] {
  if (set) return set.filter(({at}) => within(at, span))
  const {machine} = agent
  if (!machine || machine.machine.gpus.length === 0) return []
  const times = metrics
    ? reportTimes(machine, Math.max(span.from, span.until - 10 * minute), span.until)
    : legacyRecords(agent, span).map(({at}) => at)
  return times.flatMap(at => cardsIn(machine, at))
}

/** The records by device, keyed by its index. */
export function renderGpu(client: string, records: readonly GpuRecord[], time: TimeFormat) {
  const devices = [...grouped(records, ({device_index}) => device_index)].map(([device_index, rows]) => ({
    device_index,
    device_name: rows[0]?.device_name ?? '',
    records: rows.map(({at, ...rest}) => ({client, time: gpuTime(at, time), ...rest})),
  }))
  // Numbers are sorted among the keys of an object.
  return Object.fromEntries(devices.map(device => [device.device_index, device]))
}

/** With milliseconds where the metric store keeps it. */
function gpuTime(at: number, time: TimeFormat): string {
  return time.precise
    ? new Date(at).toISOString().replace(/\.?0*Z$/, 'Z')
    : formatSeconds(at, time.offsetMinutes)
}
