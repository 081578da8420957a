import {PanelctlError, usageError} from '../../errors.js'
import {hint, panelctl} from '../../hint.js'
import type {Client} from '../../http/client.js'
import {meant, typed} from '../../resource/target.js'
import {type Delays, keptOnly, summarize, windowStart} from '../delays.js'
import {listTasks, showLoad, showPings, showSite} from './endpoints.js'
import {keptNodes, keptWords, listedNodes, oneNode} from './nodes.js'
import {komari} from './panel.js'
import {type CountedPings, type PingStatistics, readPingStatistics} from './ping-statistics.js'
import {NoSuchMethod} from './rpc-failure.js'
import type {LoadRecord, Node, PingRecord, PingTask} from './schemas.js'
import {timeOf} from './times.js'

const HOUR = 3_600_000

/** How far back is asked for. */
export interface Span {
  note(text: string): void
  readonly hours: number | undefined
  /** Milliseconds. */
  readonly since: number | undefined
  now(): Date
}

interface Window {
  /** What the panel is asked for, in whole hours as it takes nothing else; its own default of 4 where nothing is said. */
  readonly hours: number | undefined
  /** Where to cut off here what is older, in Unix milliseconds. */
  readonly start: ((records: readonly {readonly time: string}[]) => number) | undefined
}

/** @throws PanelctlError USAGE for both at once */
function windowOf({hours, since, ...span}: Span): Window {
  if (since === undefined) return {hours, start: undefined}
  if (hours !== undefined) throw usageError('--hours and --since contradict each other', 'give one of them')
  const whole = Math.max(1, Math.ceil(since / HOUR))
  if (since % HOUR === 0) return {hours: whole, start: undefined}
  // A record stands at the minute that it began in.
  const ending = {...span, lasts: 60_000}
  return {hours: whole, start: records => windowStart(records.map(millisecondsOf), since, ending)}
}

/** Says so where the panel keeps less than what is asked for: it answers with what it has (contracts/komari.md 1.2). */
async function noteKept(client: Client, kind: 'record' | 'ping_record', {hours}: Window, note: Span['note']) {
  // Up to the 4 hours of its default nobody asked for more.
  if (hours === undefined) return
  // A remark is nothing to fail for.
  const site = await client.call(showSite, {}).catch(() => undefined)
  const kept = site?.[`${kind}_preserve_time`]
  // Since 1.2.7 it is what the metric has that is kept longest (7.10): this one may have less.
  if (kept !== undefined && kept < hours) note(keptOnly(kept, 'at most '))
}

function millisecondsOf({time}: {readonly time: string}): number {
  return timeOf(time)?.getTime() ?? Number.NaN
}

/** The records from a time on; the very array that came where nothing is cut. */
function cut<Row extends {readonly time: string}>(records: Row[], start: number | undefined): Row[] {
  return start === undefined ? records : records.filter(row => millisecondsOf(row) >= start)
}

/** Oldest first: what the panel sends is newest first, or two parts one after the other (contracts/komari.md 1.9, 1.14). */
function ascending<Row extends {readonly time: string}>(records: readonly Row[]): Row[] {
  const times = new Map(records.map(row => [row, millisecondsOf(row)]))
  return records.toSorted((one, other) => (times.get(one) ?? 0) - (times.get(other) ?? 0))
}

/** A point of the load history, with the totals of its node where the panel keeps none (since 1.3.0, trap 8). */
export interface LoadRow extends LoadRecord {
  readonly node: Node
}

export interface LoadHistory {
  /** As the panel sent it, in its order. */
  readonly data: {readonly count: number; readonly records: readonly LoadRecord[]}
  readonly rows: readonly LoadRow[]
  /** The records in the order of rows. */
  dataInOrder(rows: readonly LoadRow[]): LoadHistory['data']
}

/** The load history of a node. */
export async function loadHistory(
  client: Client,
  reference: string,
  {type, ...span}: Span & {readonly type: string | undefined},
): Promise<LoadHistory> {
  const window = windowOf(span)
  const node = await oneNode(client, reference)
  const query = {uuid: node.uuid, hours: window.hours, load_type: type}
  const [history] = await Promise.all([
    client.call(showLoad, {query}),
    noteKept(client, 'record', window, span.note),
  ])
  const all = history.records ?? []
  const records = cut(all, window.start?.(all))
  const data = {...history, count: window.start === undefined ? history.count : records.length, records}
  return {
    data,
    get rows() {
      return ascending(records).map(record => ({...record, node}))
    },
    dataInOrder: rows => ({...data, records: rows.map(({node: _, ...record}) => record)}),
  }
}

/** What one task measured from one node. */
export interface PingRow {
  readonly task: PingTask | null
  readonly taskId: number
  readonly node: Node | null
  readonly client: string | undefined
  /** The figures are of every probe where the panel has them. */
  readonly delays: Delays
}

/** -1 is a lost probe; 0 is a delay (contracts/komari.md 1.10, traps 9 and 27). */
function delaysOf(records: readonly PingRecord[]): Delays {
  const points = records.map(record => ({
    time: millisecondsOf(record),
    value: record.value < 0 ? null : record.value,
  }))
  return summarize(points.sort((one, other) => one.time - other.time))
}

interface Measured {
  readonly records: readonly PingRecord[]
  readonly tasks: readonly PingTask[]
  readonly nodes: readonly Node[]
  readonly only: Node | null
}

/** Seconds of a step that the panel no longer makes of its minutes: it is closed late, and a stop loses those that are not (7.4). */
const COARSE = 300

/** Where the figures come from, and of which rows and times they are. */
function sourceOf(
  counted: CountedPings | PanelctlError,
  {isCut, records, tasks, nodes, only}: Measured & {readonly isCut: boolean},
): string {
  if (counted instanceof PanelctlError) {
    const why = counted instanceof NoSuchMethod ? '' : `: ${counted.message}`
    return `the figures are of the records: public:getPingMetricStats, which counts every probe since Komari 1.2.6, does not answer${why}`
  }
  const known = new Set(counted.statistics.map(one => keyOf(one.task_id, one.client)))
  const others = new Set<string>()
  for (const {task_id, client = only?.uuid} of records) {
    if (known.has(keyOf(task_id, client))) continue
    const task = tasks.find(({id}) => id === task_id)?.name ?? `task ${task_id}`
    others.add(
      `${task} from ${nodes.find(({uuid}) => uuid === client)?.name || client || 'a node that is not told'}`,
    )
  }
  const steps =
    isCut && counted.step
      ? ` in whole steps of ${counted.step} s, the first of which may begin before that time`
      : ''
  const rest = others.size > 0 ? `; those of ${[...others].join(', ')} are of the records` : ''
  const isCoarse = counted.step !== undefined && counted.step >= COARSE
  const lacking = isCoarse
    ? '; from 10 hours on the panel lacks some of shortly before its restarts, and of now'
    : ''
  return `the figures count ${isCoarse ? 'the probes' : 'every probe'} (public:getPingMetricStats)${steps}${lacking}${rest}`
}

/** What one task measured from one node goes by. */
function keyOf(taskId: number, client: string | undefined): string {
  return `${taskId} ${client}`
}

function figuresOf(statistics: PingStatistics | undefined) {
  if (statistics === undefined) return undefined
  const {total: points, loss, min, avg, max} = statistics
  return {points, loss, min, avg, max}
}

/**
 * One row for each task and node that there are records of, and for each task without any. Tasks come in the panel's order;
 * one that records name and no list does comes last (trap 33).
 */
function pingRows(
  records: readonly PingRecord[],
  tasks: readonly PingTask[],
  nodes: readonly Node[],
  only: Node | null,
  statistics: readonly PingStatistics[],
): PingRow[] {
  const groups = new Map<string, {taskId: number; client: string | undefined; records: PingRecord[]}>()
  for (const record of records) {
    const client = record.client ?? only?.uuid
    const key = keyOf(record.task_id, client)
    const group = groups.get(key)
    if (group) group.records.push(record)
    else groups.set(key, {taskId: record.task_id, client, records: [record]})
  }
  const place = new Map(nodes.map(({uuid}, index) => [uuid, index]))
  const found = [...groups.values()]
  const unknown = [...new Set(found.map(({taskId}) => taskId))]
    .filter(taskId => !tasks.some(({id}) => id === taskId))
    .toSorted((one, other) => one - other)
  return [...tasks.map(({id}) => id), ...unknown].flatMap(taskId => {
    const task = tasks.find(({id}) => id === taskId) ?? null
    const own = found
      .filter(group => group.taskId === taskId)
      .toSorted(
        (one, other) =>
          (place.get(one.client ?? '') ?? Infinity) - (place.get(other.client ?? '') ?? Infinity),
      )
    const parts = own.length > 0 ? own : [{client: only?.uuid, records: []}]
    return parts.map(part => ({
      task,
      taskId,
      client: part.client,
      node: nodes.find(({uuid}) => uuid === part.client) ?? null,
      delays: {
        ...delaysOf(part.records),
        ...figuresOf(statistics.find(one => one.client === part.client && one.task_id === taskId)),
      },
    }))
  })
}

export interface PingHistory {
  /** As the panel sent it, in its order. */
  readonly data: {
    readonly count: number
    readonly records: readonly PingRecord[]
    readonly tasks: readonly PingTask[]
    /** Of every probe; the figures in `tasks` are of the records alone. */
    readonly statistics?: readonly PingStatistics[]
  }
  readonly rows: readonly PingRow[]
  /** The tasks and statistics in the order of rows, a task where its first row stands; records stay in time. */
  dataInOrder(rows: readonly PingRow[]): PingHistory['data']
}

/** The panel answers it with nothing at all (1.10). */
function unknownTask(task: number, node: Node | null): PanelctlError {
  return new PanelctlError('NOT_FOUND', `there is no task ${task}${node ? ` of node "${node.name}"` : ''}`, {
    panel: 'komari',
    hint: hint`the tasks of a node: ${panelctl('komari records ping', [node?.name ?? 'NODE'])}`,
  })
}

/** The task of an id, which is taken as it is, or of a unique name. */
async function taskIdOf(client: Client, reference: string): Promise<number> {
  const task = typed(reference)
  if (typeof task === 'number') return task
  const rows = (await client.call(listTasks, {})) ?? []
  const isGuest = (await client.credentialKind(komari)) === undefined
  // The list of administrators is refused to guests.
  return meant(rows, task, {
    noun: 'task',
    list: isGuest ? 'komari api GET /api/task/ping' : 'komari task list',
  }).id
}

/**
 * The ping history of a node, of a task, or of a task on a node.
 * @throws PanelctlError USAGE for neither or for a name that several tasks have, NOT_FOUND for an unknown task
 */
export async function pingHistory(
  client: Client,
  {
    reference,
    task: asked,
    isDrawn,
    ...span
  }: Span & {
    reference: string | undefined
    task: string | undefined
    /** Its points are looked at, and no figures. */
    isDrawn: boolean
  },
): Promise<PingHistory> {
  const window = windowOf(span)
  if (reference === undefined && asked === undefined) {
    throw usageError('neither a node nor --task was given', panelctl('komari node list'))
  }
  const nodes = await listedNodes(client)
  const node = reference === undefined ? null : await oneNode(client, reference, nodes)
  const task = asked === undefined ? undefined : await taskIdOf(client, asked)
  const query = {uuid: node?.uuid, task_id: task, hours: window.hours}
  const asking = client.call(showPings, {query})
  // The statistics are asked for beside the records, but for where these tell from when on.
  const start = window.start?.((await asking).records ?? [])
  const [history, kept, counted] = await Promise.all([
    asking,
    node === null ? keptNodes(client, nodes) : [],
    isDrawn
      ? undefined
      : readPingStatistics(client.call, {uuid: node?.uuid, task, hours: window.hours, start}),
    noteKept(client, 'ping_record', window, span.note),
  ])
  const records = cut(history.records ?? [], start)
  const tasks = history.tasks ?? []
  const statistics = counted instanceof PanelctlError ? undefined : counted?.statistics
  if (task !== undefined && tasks.length === 0 && records.length === 0) throw unknownTask(task, node)
  if (kept.length > 0) span.note(keptWords(kept))
  if (counted)
    span.note(sourceOf(counted, {isCut: window.start !== undefined, records, tasks, nodes, only: node}))
  const data = {
    ...history,
    count: window.start === undefined ? history.count : records.length,
    records,
    tasks,
    ...(statistics && {statistics}),
  }
  return {
    data,
    get rows() {
      return pingRows(records, tasks, nodes, node, statistics ?? [])
    },
    dataInOrder(rows) {
      const by = <Item>(items: readonly Item[], is: (item: Item, row: PingRow) => boolean) => {
        const places = new Map(items.map(item => [item, rows.findIndex(row => is(item, row)) >>> 0]))
        return items.toSorted((one, other) => (places.get(one) ?? 0) - (places.get(other) ?? 0))
      }
      return {
        ...data,
        tasks: by(tasks, (task, row) => task.id === row.taskId),
        ...(statistics && {
          statistics: by(statistics, (one, row) => one.task_id === row.taskId && one.client === row.client),
        }),
      }
    },
  }
}
