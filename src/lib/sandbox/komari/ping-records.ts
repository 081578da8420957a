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
  const size = bucketed ? span.bucket : interval
  const records: PingRecord[] = []
  for (let start = first - (first % size); start <= last; start += size) {
    const index = Math.floor((Math.min(start + size - 1, last) - offset) / interval)
    const at = index * interval + offset
    const record = {task_id: task.id, value: delayOf(task, seed, index), client: uuid}
    if (at >= Math.max(start, first)) records.push({...record, at: bucketed ? start : at})
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
  const valid = records.flatMap(({value}) => (value < 0 ? [] : value))
  const total = records.length
  return {
    total,
    loss: total === 0 ? 0 : ((total - valid.length) / total) * 100,
    min: valid.reduce((min, value) => (min === 0 || value < min ? value : min), 0),
    max: valid.reduce((max, value) => Math.max(max, value), 0),
    avg: Math.trunc(valid.reduce((sum, value) => sum + value, 0) / Math.max(1, valid.length)),
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
