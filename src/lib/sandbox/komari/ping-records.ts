import {grouped} from '../grouped.js'
import {noise} from '../random.js'
import type {Agent} from './agent.js'
import type {Span} from './load-records.js'

export type PingType = 'icmp' | 'tcp' | 'http'

/** What agents probe (contracts/komari.md 3.2). */
export interface PingTask {
  readonly id: number
  readonly weight: number
  readonly name: string
  /** Uuids; those of nodes that do not exist are kept. */
  readonly clients: readonly string[]
  /** New nodes join it. */
  readonly default_on: boolean
  /** The panel checks no type. */
  readonly type: PingType | string
  readonly target: string
  /** Seconds. */
  readonly interval: number
  /** The usual round trip from the nearest node, in milliseconds: the sandbox's own. */
  readonly delayMs: number
  /** How many of the probes are lost, 0 to 1: the sandbox's own. */
  readonly loss: number
}

export interface PingRecord {
  readonly task_id: number
  /** Milliseconds since 1970. */
  readonly at: number
  /** Whole milliseconds; −1 is a lost probe. */
  readonly value: number
  readonly client: string
}

/** A node as the source of probes. */
export interface Prober {
  readonly uuid: string
  readonly seed: number
  readonly agent: Agent
}

/**
 * The probes of one node for one task in a span, oldest first: every one, or the last of each bucket
 * (since 1.2.7). The same node, task and moment always give the same probe.
 */
export function probes(
  task: PingTask,
  {uuid, seed, agent}: Prober,
  span: Span,
  bucketed: boolean,
): PingRecord[] {
  const {machine} = agent
  if (!machine || task.interval <= 0) return []
  const interval = task.interval * 1000
  const offset = Math.floor(noise(seed, task.id, 1) * task.interval) * 1000
  const first = Math.max(span.from, machine.connectedAt)
  const last = Math.min(span.until, machine.disconnectedAt ?? span.until)
  const probe = (index: number): PingRecord => ({
    task_id: task.id,
    at: index * interval + offset,
    value: delayOf(task, seed, index),
    client: uuid,
  })
  const records: PingRecord[] = []
  if (!bucketed) {
    for (let index = Math.ceil((first - offset) / interval); index * interval + offset <= last; index++) {
      records.push(probe(index))
    }
    return records
  }
  const size = span.bucket
  for (let start = first - (first % size); start <= last; start += size) {
    const index = Math.floor((Math.min(start + size - 1, last) - offset) / interval)
    const record = probe(index)
    if (record.at >= Math.max(start, first)) records.push({...record, at: start})
  }
  return records
}

function delayOf(task: PingTask, seed: number, index: number): number {
  if (noise(seed, task.id, index) < task.loss) return -1
  const distance = task.delayMs * (1 + noise(seed, task.id, 2))
  return Math.round(distance * (1 + 0.2 * noise(seed, task.id, index, 3)))
}

/** Records as the store keeps them: the last of each bucket, task and node. The order of the input stays. */
export function bucketed(records: readonly PingRecord[], {bucket: size}: Span): PingRecord[] {
  const last = new Map<string, PingRecord>()
  for (const record of records) {
    const start = record.at - (record.at % size)
    const key = `${record.task_id} ${record.client} ${start}`
    const other = last.get(key)
    if (!other || other.at <= record.at) last.set(key, record)
  }
  return [...last.values()].map(record => ({...record, at: record.at - (record.at % size)}))
}

/** Newest first; what has one time keeps its order. */
export function newestFirst(records: readonly PingRecord[]): PingRecord[] {
  return records.toSorted((one, other) => other.at - one.at)
}

/**
 * The figures of some delays as the panel reckons them, in the order given: a minimum of 0 means
 * that there is none yet, so that each 0 ms starts it anew (contracts/komari.md 1.10). Loss is in percent.
 */
export function statisticsOf(records: readonly PingRecord[]) {
  let [total, lost, min, max, sum] = [0, 0, 0, 0, 0]
  for (const {value} of records) {
    total++
    if (value < 0) {
      lost++
      continue
    }
    if (min === 0 || value < min) min = value
    if (value > max) max = value
    sum += value
  }
  const valid = total - lost
  return {
    total,
    loss: total === 0 ? 0 : (lost / total) * 100,
    min,
    max,
    avg: valid === 0 ? 0 : Math.trunc(sum / valid),
  }
}

/** What RPC adds to a task's figures; records newest first. Of the probes that came back; `latest` is −1 when none did. */
export function percentilesOf(records: readonly PingRecord[]) {
  const valid = records.filter(({value}) => value >= 0)
  const values = valid.map(({value}) => value).sort((one, other) => one - other)
  const at = (part: number) => values[Math.floor(part * (values.length - 1))] ?? 0
  const [p50, p99] = [at(0.5), at(0.99)]
  return {latest: valid[0]?.value ?? -1, p50, p99, p99_p50_ratio: p50 === 0 ? 0 : (p99 - p50) / p50}
}

/** At most `most` records, of each task its share, evenly picked from first to last (contracts/komari.md 2.4). */
export function thinned(records: readonly PingRecord[], most: number): PingRecord[] {
  if (most < 0 || records.length <= most) return [...records]
  const kept = new Set<PingRecord>()
  for (const rows of grouped(records, ({task_id}) => task_id).values()) {
    const share = Math.max(1, Math.round((rows.length / records.length) * most))
    for (let index = 0; index < share; index++) {
      const row = rows[share === 1 ? 0 : Math.round((index * (rows.length - 1)) / (share - 1))]
      if (row) kept.add(row)
    }
  }
  return records.filter(record => kept.has(record))
}

/** So many raw records of one node, evenly spaced over its tasks and a span, newest first. */
export function flood(
  tasks: readonly PingTask[],
  {uuid, seed}: Omit<Prober, 'agent'>,
  span: Span,
  count: number,
) {
  const step = (span.until - span.from) / count
  return Array.from({length: count}, (_, index): PingRecord => {
    const task = tasks[index % tasks.length] as PingTask
    const at = span.until - index * step
    return {task_id: task.id, at, value: delayOf(task, seed, index), client: uuid}
  })
}
