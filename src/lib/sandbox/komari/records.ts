import {goRefusal} from '../go/json-error.js'
import {grouped} from '../grouped.js'
import {type Fields, textIn} from '../json-object.js'
import {shuffled} from '../random.js'
import {recentReports} from './agent.js'
import type {MethodCall} from './call.js'
import {type Caller, seesHidden} from './identity.js'
import {formatSeconds, formatTime, millisecondsOf, parseInstant, type TimeFormat} from './instant.js'
import {
  gpuRecords,
  isLoadType,
  type LoadRecord,
  loadRecords,
  renderGpu,
  renderLoad,
  renderLoadType,
  type Span,
  spanOf,
} from './load-records.js'
import {keptLoad, keptSince} from './metric-definitions.js'
import {
  bucketed,
  newestFirst,
  type PingRecord,
  type PingTask,
  percentilesOf,
  probes,
  statisticsOf,
} from './ping-records.js'
import {renderReport} from './report.js'
import {codes, RpcError} from './rpc-error.js'
import type {KomariNode, KomariState} from './state.js'

const hour = 3_600_000

/** The nodes that a caller may see. */
export function visibleNodes(caller: Caller, state: KomariState): KomariNode[] {
  return [...state.nodes.values()].filter(({columns}) => seesHidden(caller, state) || !columns.hidden)
}

function isHiddenFrom(uuid: string, caller: Caller, state: KomariState): boolean {
  return state.nodes.get(uuid)?.columns.hidden === true && !seesHidden(caller, state)
}

function isVisible(uuid: string, caller: Caller, state: KomariState): boolean {
  return state.nodes.has(uuid) && !isHiddenFrom(uuid, caller, state)
}

/** What was asked about one node, or about all of them. */
function nodesOf(uuid: string, all: readonly KomariNode[], state: KomariState): readonly KomariNode[] {
  return uuid === '' ? all : [state.nodes.get(uuid)].flatMap(node => node ?? [])
}

/** `/api/recent/{uuid}`; `undefined` is the missing key of old panels without a report (contracts/komari.md 1.8, 1.14). */
export function recentRecords({params, caller, state}: MethodCall): unknown {
  const uuid = textIn(params, 'uuid')
  if (uuid === '' || isHiddenFrom(uuid, caller, state))
    throw new RpcError(codes.invalidParams, 'UUID is required')
  const node = state.nodes.get(uuid)
  const reports = node ? recentReports(node.agent, state) : []
  if (reports.length === 0 && !state.features.metrics) return undefined
  return reports.map(report => renderReport(report, {uuid, always: state.features.bridge}))
}

const maximum = 2n ** 63n

/** Go's Atoi: digits with a sign, within 64 bits. */
function integer(text: string): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined
  const value = BigInt(text.replace(/^\+/, ''))
  return value < maximum && value >= -maximum ? Number(value) : undefined
}

/** Beyond this Go's duration overflows, and the span ends before it starts (1.9). */
const mostHours = 2_562_047
const endBeforeStart = 'metric: invalid argument: end time cannot be before start time'

function lastHours(hours: number, state: KomariState): Span | undefined {
  if (hours < 0 || hours > mostHours) return undefined
  const until = state.now()
  return spanOf({from: until - hours * hour, until}, state.retentionHours)
}

/** `/api/records/load` (1.9). */
export function loadOf({params, caller, state}: MethodCall): unknown {
  const {features, time} = state
  const [uuid, hoursText, type] = [
    textIn(params, 'uuid'),
    textIn(params, 'hours'),
    textIn(params, 'load_type'),
  ]
  if (uuid === '' || isHiddenFrom(uuid, caller, state))
    throw new RpcError(codes.invalidParams, 'UUID is required')
  const hours = hoursText === '' ? 4 : integer(hoursText)
  if (hours === undefined) throw new RpcError(codes.invalidParams, 'Invalid hours parameter')
  const everything = type === '' || type === 'all' || !features.common
  if (!everything && !isLoadType(type)) throw new RpcError(codes.invalidParams, 'Invalid load_type parameter')
  const span = lastHours(hours, state)
  if (!span && features.metrics) {
    const reason = `Failed to fetch records: failed to query metric cpu.usage: ${endBeforeStart}`
    throw new RpcError(codes.internal, reason)
  }
  const node = state.nodes.get(uuid)
  const records = node && span ? nodeLoad(node, span, state) : []
  if (!everything) {
    const rows = records.map(record => renderLoadType(uuid, record, type, time, true))
    return {count: rows.length, load_type: type, records: rows}
  }
  const gpu = node && span && features.gpuRecords ? nodeGpu(node, span, state) : []
  const rows = records.map(record => renderLoad(uuid, record, features, time))
  return {
    count: rows.length,
    ...(gpu.length > 0 && {gpu_devices: renderGpu(uuid, gpu, time)}),
    ...(features.gpuRecords && {has_gpu_data: gpu.length > 0}),
    // Old panels hand out a list that was never made.
    records: rows.length === 0 && !features.metrics ? null : rows,
  }
}

function nodeLoad({columns, agent}: KomariNode, span: Span, state: KomariState): LoadRecord[] {
  return keptLoad(loadRecords(agent, state.load.get(columns.uuid), span, state.features), span.bucket, state)
}

function nodeGpu({columns, agent}: KomariNode, span: Span, state: KomariState) {
  const since = keptSince('gpu.device.usage', span.bucket, state)
  const all = gpuRecords(agent, state.gpu.get(columns.uuid), span, state.features.metrics)
  const records = all.filter(({at}) => at > since)
  return state.features.metrics ? shuffled(records, state.random) : records
}

/** Every probe of a node in a span, also of tasks that are not its own (trap 33). */
export function probesOf(
  {columns: {uuid}, agent, seed}: KomariNode,
  span: Span,
  state: KomariState,
  last = false,
) {
  const set = state.pings.get(uuid)
  const own = state.results.filter(({client}) => client === uuid)
  // A bucket that has begun before the span is in it.
  const from = last ? span.from - span.bucket + 1 : span.from
  const told = [...(set ?? []), ...own].filter(({at}) => at <= span.until && at >= from)
  const tasks = set ? [] : state.tasksInOrder().filter(({clients}) => clients.includes(uuid))
  const all = [...told, ...tasks.flatMap(task => probes(task, {uuid, seed, agent}, span, last))]
  const since = keptSince('ping.latency_ms', span.bucket, state)
  return all.filter(({at}) => at > since)
}

/** What is stored of them, newest first: the last of each bucket since 1.2.7. */
function pingsOf(node: KomariNode, span: Span, state: KomariState): PingRecord[] {
  const {metrics} = state.features
  const all = probesOf(node, span, state, metrics)
  return newestFirst(metrics ? bucketed(all, span) : all)
}

interface PingQuery {
  readonly uuid: string
  readonly task: number | undefined
}

/** The records a query is about, of nodes the caller may not see as well: the figures are over all (1.10). */
function pingsFor({uuid, task}: PingQuery, span: Span, state: KomariState): PingRecord[] {
  const nodes = nodesOf(uuid, [...state.nodes.values()], state)
  const records = nodes.flatMap(node => pingsOf(node, span, state))
  const wanted = task === undefined || task < 0 ? records : records.filter(({task_id}) => task_id === task)
  return nodes.length > 1 ? newestFirst(wanted) : wanted
}

/** `/api/records/ping` (1.10). */
export function pingOf({params, caller, state}: MethodCall): unknown {
  const {features, time} = state
  const [uuid, taskText] = [textIn(params, 'uuid'), features.common ? textIn(params, 'task_id') : '']
  if (uuid === '' && taskText === '') {
    const reason = features.common ? 'UUID or task_id is required' : 'UUID is required'
    throw new RpcError(codes.invalidParams, reason)
  }
  const task = taskText === '' ? undefined : integer(taskText)
  if (taskText !== '' && task === undefined) {
    throw new RpcError(codes.invalidParams, 'Invalid task_id parameter')
  }
  const span = pingSpan(textIn(params, 'hours'), state)
  if (isHiddenFrom(uuid, caller, state)) return {count: 0, records: []}
  const query = {uuid, task}
  const all = span ? pingsFor(query, span, state) : []
  const records = uuid === '' ? all.filter(({client}) => isVisible(client, caller, state)) : all
  const rendered = records.map(record => renderPing(record, time, features.common))
  if (!features.common) return earliestPing(uuid, rendered, all, state)
  const tasks = tasksFor(query, state).map(known => renderTask(known, all, uuid === '', state))
  return {
    count: rendered.length,
    ...basicInfo(records),
    records: rendered,
    ...(tasks.length > 0 && {tasks}),
  }
}

/** What is no whole number becomes 4 in silence; what is negative is an error, or nothing on old panels. */
function pingSpan(hoursText: string, state: KomariState): Span | undefined {
  const {metrics, common} = state.features
  const hours = hoursText === '' ? 4 : integer(hoursText)
  if (hours === undefined && !common) throw new RpcError(codes.invalidParams, 'Invalid hours parameter')
  const span = lastHours(hours ?? 4, state)
  if (!span && metrics) throw new RpcError(codes.internal, `Failed to fetch ping records: ${endBeforeStart}`)
  return span
}

function renderPing({task_id, at, value, client}: PingRecord, time: TimeFormat, named: boolean) {
  return {task_id, time: formatSeconds(at, time.offsetMinutes), value, ...(named && {client})}
}

/** Up to 1.0.6: no figures, and tasks only when there are records (1.14). */
function earliestPing(uuid: string, rendered: unknown[], all: readonly PingRecord[], state: KomariState) {
  const tasks = tasksFor({uuid, task: undefined}, state).map(({id, name, interval}) => ({
    id,
    name,
    interval,
    loss: statisticsOf(all.filter(({task_id}) => task_id === id)).loss,
  }))
  return {count: rendered.length, records: rendered, ...(rendered.length > 0 && {tasks})}
}

/** With a uuid its tasks, with records or without; with a task id alone that task; a negative one shows none. */
function tasksFor({uuid, task}: PingQuery, state: KomariState): PingTask[] {
  return state
    .tasksInOrder()
    .filter(({id, clients}) => (task === undefined || id === task) && (uuid === '' || clients.includes(uuid)))
}

function renderTask(
  {id, name, type, interval, default_on, clients}: PingTask,
  records: readonly PingRecord[],
  withClients: boolean,
  {features}: KomariState,
) {
  return {
    ...statisticsOf(records.filter(({task_id}) => task_id === id)),
    ...(withClients && {clients}),
    ...(features.defaultOn && {default_on}),
    id,
    interval,
    name,
    type,
  }
}

/** The figures of each node, over all its tasks; the key is left out without a record. */
function basicInfo(records: readonly PingRecord[]) {
  const basic_info = [...grouped(records, ({client}) => client)].map(([client, rows]) => {
    const {loss, min, max} = statisticsOf(rows)
    return {client, loss, min, max}
  })
  return basic_info.length > 0 ? {basic_info} : {}
}

interface RpcRange {
  readonly span: Span
  readonly from: string
  readonly to: string
}

/** The span of `common:getRecords`: hours (1 unless positive), or start and end (2.4). */
function rangeOf(params: Fields, state: KomariState): RpcRange {
  const end = momentOf(params.end) ?? state.instant()
  const hours = wholeNumber(params, 'hours')
  const length = BigInt(hours > 0 ? hours : 1) * 3_600_000_000_000n
  const start = momentOf(params.start) ?? end - length
  if (end < start || hours > mostHours) {
    throw new RpcError(
      codes.internal,
      'Failed to fetch records',
      params.type === 'ping' ? endBeforeStart : `failed to query metric cpu.usage: ${endBeforeStart}`,
    )
  }
  const asked = {from: millisecondsOf(start), until: millisecondsOf(end)}
  return {
    span: spanOf(asked, state.retentionHours),
    from: formatTime(start, state.time),
    to: formatTime(end, state.time),
  }
}

function momentOf(value: unknown) {
  if (typeof value !== 'string') return undefined
  const instant = parseInstant(value)
  if (instant !== undefined) return instant
  const rest = JSON.stringify(value.slice(10))
  throw new RpcError(
    codes.invalidParams,
    `Invalid request body: parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05Z07:00": cannot parse ${rest} as "T"`,
  )
}

/** An integer field as Go's decoder takes it. */
function wholeNumber(params: Fields, name: string): number {
  const value = params[name]
  if (value === undefined || value === null) return 0
  if (typeof value === 'number' && Number.isInteger(value)) return value
  const refusal = goRefusal(value, 'int', `Go struct field .${name}`)
  throw new RpcError(codes.invalidParams, `Invalid request body: ${refusal}`)
}

/** `common:getRecords` (2.4). */
export function rpcRecords({params, caller, state}: MethodCall): unknown {
  const type = params.type === undefined || params.type === '' ? 'load' : params.type
  const task = params.task_id === undefined ? undefined : wholeNumber(params, 'task_id')
  const most = wholeNumber(params, 'maxCount') || 4000
  wholeNumber(params, 'hours')
  for (const name of ['start', 'end']) momentOf(params[name])
  if (type !== 'load' && type !== 'ping') {
    throw new RpcError(codes.invalidParams, "Invalid type, expected 'load' or 'ping'", type)
  }
  const uuid = textIn(params, 'uuid')
  if (isHiddenFrom(uuid, caller, state)) throw new RpcError(codes.invalidParams, 'UUID not found', uuid)
  const range = rangeOf({...params, type}, state)
  return type === 'load'
    ? rpcLoad(uuid, textIn(params, 'load_type'), range, caller, state)
    : rpcPing({uuid, task}, most, range, caller, state)
}

function rpcLoad(uuid: string, type: string, {span, from, to}: RpcRange, caller: Caller, state: KomariState) {
  const nodes = nodesOf(uuid, visibleNodes(caller, state), state)
  const entries = nodes.flatMap(node => {
    const client = node.columns.uuid
    const rows = nodeLoad(node, span, state).map(record =>
      type === ''
        ? renderLoad(client, record, state.features, state.time)
        : renderLoadType(client, record, type, state.time, false),
    )
    return rows.length > 0 ? [[client, rows] as const] : []
  })
  const count = entries.reduce((sum, [, rows]) => sum + rows.length, 0)
  return {count, ...(type !== '' && {load_type: type}), records: Object.fromEntries(entries), from, to}
}

function rpcPing(query: PingQuery, most: number, range: RpcRange, caller: Caller, state: KomariState) {
  const {span, from, to} = range
  const all = pingsFor(query, span, state)
  const seen = query.uuid === '' ? all.filter(({client}) => isVisible(client, caller, state)) : all
  // The panel takes them evenly from all of the span.
  const kept = seen.slice(0, most < 0 ? seen.length : most).toSorted((one, other) => one.at - other.at)
  const tasks = tasksFor(query, state).map(task => {
    const rows = all.filter(({task_id}) => task_id === task.id)
    return {...renderTask(task, rows, query.uuid === '', state), ...percentilesOf(rows)}
  })
  return {
    count: kept.length,
    ...basicInfo(seen),
    records: kept.map(record => renderPing(record, state.time, true)),
    tasks,
    from,
    to,
  }
}

/** The last hour of a node's probes by task, as the latest status shows it (2.4). */
export function pingSummary(node: KomariNode, state: KomariState): Record<string, unknown> {
  const until = state.now()
  const records = pingsOf(node, spanOf({from: until - hour, until}, state.retentionHours), state)
  const tasks = state.tasksInOrder().filter(({clients}) => clients.includes(node.columns.uuid))
  return Object.fromEntries(
    tasks.flatMap(task => {
      const rows = records.filter(({task_id}) => task_id === task.id)
      if (rows.length === 0) return []
      const {avg, loss, min, max} = statisticsOf(rows)
      const {latest, p99_p50_ratio: tail} = percentilesOf(rows)
      return [[String(task.id), {name: task.name, latest, avg, tail, loss, min, max}]]
    }),
  )
}
