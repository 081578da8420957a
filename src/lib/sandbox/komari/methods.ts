import {textIn} from '../json-object.js'
import {isOnline, latestReport, recentReports} from './agent.js'
import type {Method, MethodCall} from './call.js'
import {type Caller, isAdmin, seesHidden} from './identity.js'
import {formatTime} from './instant.js'
import {recordOf, renderLoad} from './load-records.js'
import {maskedAddresses, renderNode} from './node.js'
import {pingMetricStats, queryPingMetrics} from './ping-metrics.js'
import type {PingTask} from './ping-records.js'
import {loadOf, pingOf, pingSummary, recentRecords, rpcRecords, visibleNodes} from './records.js'
import type {Report} from './report.js'
import {codes, Panic, RpcError} from './rpc-error.js'
import {publicSettings, type Settings} from './settings.js'
import type {KomariNode, KomariState} from './state.js'

/** The object of `/api/version`. */
function version({state: {features}}: MethodCall) {
  return {hash: features.hash, version: features.version}
}

/** Guests, agents and API keys look the same here (contracts/komari.md 1.1). */
function me({caller, state}: MethodCall) {
  if (caller.kind !== 'session') return {logged_in: false, username: 'Guest'}
  return {...account(state), logged_in: true}
}

function account({user}: KomariState) {
  return {
    '2fa_enabled': user.totpSecret !== undefined,
    sso_id: '',
    sso_type: '',
    username: user.username,
    uuid: user.uuid,
  }
}

/** Six keys for everybody (2.4); on 1.1.8 an API key makes it panic. */
function commonMe({caller, state}: MethodCall) {
  const {features} = state
  const nobody = {'2fa_enabled': false, logged_in: false, sso_id: '', sso_type: '', username: '', uuid: ''}
  switch (caller.kind) {
    case 'guest':
      return nobody
    case 'session':
      return {...account(state), logged_in: true}
    case 'key':
      if (!features.bridge) throw new Panic()
      return {...nobody, logged_in: true, username: 'api_key'}
    case 'agent':
      return {...nobody, logged_in: true, sso_id: 'client', sso_type: 'client', username: 'client'}
  }
}

function settingsFor({caller, state}: MethodCall): Settings {
  const settings = publicSettings(state.settings, state.features, state.retentionHours)
  return caller.kind === 'guest' && caller.shared ? {...settings, private_site: false} : settings
}

/** One row that cannot be read takes the whole list down (1.7). */
function readable(state: KomariState): void {
  const broken = state.brokenRow
  if (broken) throw new RpcError(codes.internal, broken)
}

/** No order of its own, and nothing that guests may not see, whoever asks (1.7). */
function publicNodes({caller, state}: MethodCall) {
  if (state.brokenRow) {
    throw new RpcError(codes.internal, `Failed to retrieve client information: ${state.brokenRow}`)
  }
  return visibleNodes(caller, state).map(({columns}) => renderNode(columns, state, true))
}

function commonNode({columns}: KomariNode, {caller, state}: MethodCall) {
  if (isAdmin(caller)) return renderNode(columns, state, false)
  const json = renderNode(columns, state, true)
  return state.settings.send_ip_addr_to_guest === true ? {...json, ...maskedAddresses(columns)} : json
}

/** Keyed by uuid; an array on 1.2.5-fix1 alone (1.14). */
function commonNodes(call: MethodCall) {
  const {params, caller, state} = call
  // A uuid of another type counts as none.
  const uuid = textIn(params, 'uuid')
  if (state.brokenRow) throw new RpcError(codes.internal, 'Failed to get client info', null)
  // A key sees hidden nodes here on every version: it reads as an admin.
  const all = [...state.nodes.values()].filter(
    ({columns}) => isAdmin(caller) || seesHidden(caller, state) || !columns.hidden,
  )
  if (uuid !== '') {
    const node = all.find(({columns}) => columns.uuid === uuid)
    if (!node) throw new RpcError(codes.invalidParams, 'Node not found', uuid)
    return commonNode(node, call)
  }
  if (state.features.nodesAsArray) return all.map(node => commonNode(node, call))
  return Object.fromEntries(
    all
      .map(node => [node.columns.uuid, commonNode(node, call)] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  )
}

/** A report as a record of a moment, where `connections` is TCP and UDP together, and totals are real (2.4). */
function momentOf(uuid: string, report: Report, {features, time}: KomariState) {
  const {traffic_up: _, traffic_down: __, ...json} = renderLoad(uuid, recordOf(report), features, time)
  const {tcp, udp} = report.connections
  return {...json, time: formatTime(report.at, time), connections: tcp + udp}
}

function statusOf(node: KomariNode, report: Report, state: KomariState) {
  return {
    ...momentOf(node.columns.uuid, report, state),
    gpu: 0,
    load5: report.load.load5,
    load15: report.load.load15,
    online: isOnline(node.agent, state),
    uptime: report.uptime,
    ping: pingSummary(node, state),
  }
}

/** Only nodes that reported since the panel started; deleted ones too (trap 11). */
function latestStatus({params, caller, state}: MethodCall) {
  const sees = ({columns}: KomariNode) => isAdmin(caller) || !columns.hidden
  const uuid = textIn(params, 'uuid')
  const find = (wanted: string) => {
    const node = state.feed.get(wanted)
    const report = node && sees(node) ? latestReport(node.agent, state) : undefined
    return node && report ? statusOf(node, report, state) : undefined
  }
  if (uuid !== '') {
    const status = find(uuid)
    if (!status) throw new RpcError(codes.invalidParams, 'Node not found', uuid)
    return status
  }
  const {uuids} = params
  const wanted = Array.isArray(uuids) && uuids.length > 0 ? uuids.map(String) : [...state.feed.keys()]
  const found = wanted.toSorted().flatMap(one => {
    const status = find(one)
    return status ? [[one, status] as const] : []
  })
  return Object.fromEntries(found)
}

function recentStatus({params, caller, state}: MethodCall) {
  const uuid = textIn(params, 'uuid')
  const node = state.nodes.get(uuid)
  if (uuid === '' || (node?.columns.hidden && !isAdmin(caller))) {
    throw new RpcError(codes.invalidParams, 'UUID is required', {uuid})
  }
  const reports = node ? recentReports(node.agent, state) : []
  const records = reports.map(report => momentOf(uuid, report, state))
  return {count: records.length, records}
}

/** Ping tasks as everybody may see them: without targets, with the uuids of hidden nodes (1.10). */
function publicTasks({state}: MethodCall) {
  const {features} = state
  return state.tasksInOrder().map(task => {
    const {target: _, weight, id, ...json} = renderPingTask(task, state)
    return {id, ...(features.taskWeight && {weight}), ...json}
  })
}

function renderPingTask(
  {id, weight, name, clients, default_on, type, target, interval}: PingTask,
  state: KomariState,
) {
  const {defaultOn, cors} = state.features
  return {
    id,
    // In the admin's list since 1.2.3.
    ...(cors && {weight}),
    name,
    clients,
    ...(defaultOn && {default_on}),
    type,
    target,
    interval,
  }
}

/** Versions before 1.1.9 panic in the line that logs what a key did, after it was done (1.14). */
function audited(caller: Caller, {features}: KomariState): void {
  if (caller.kind === 'key' && !features.auditsKeys) throw new Panic()
}

function addClient({params, caller, state}: MethodCall) {
  const name = textIn(params, 'name')
  const {columns} = state.add({name})
  state.log(`create client:${columns.uuid}`, 'info')
  if (name !== '') audited(caller, state)
  const made = {token: columns.token, uuid: columns.uuid}
  // 1.1.8 has a message here, unless it made up the name.
  return state.features.bridge || name === '' ? made : {message: '', ...made}
}

function editClient({params, caller, state}: MethodCall) {
  const {uuid, ...changes} = params
  if (typeof uuid !== 'string' || uuid === '') {
    throw new RpcError(codes.invalidParams, 'Invalid or missing UUID')
  }
  state.edit(uuid, changes)
  state.log(`edit client:${uuid}`, 'info')
  audited(caller, state)
}

function removeClient({params, caller, state}: MethodCall) {
  const uuid = textIn(params, 'uuid')
  state.remove(uuid)
  state.log(`delete client:${uuid}`, 'warn')
  audited(caller, state)
}

/** "Not found" is an internal error here (trap 13). */
function knownNode({params, state}: MethodCall): KomariNode {
  const node = state.nodes.get(textIn(params, 'uuid'))
  if (!node) throw new RpcError(codes.internal, 'record not found')
  const [broken] = node.broken.values()
  if (broken !== undefined) throw new RpcError(codes.internal, broken)
  return node
}

function listClients({state}: MethodCall) {
  readable(state)
  return [...state.nodes.values()].map(({columns}) => renderNode(columns, state, false))
}

function orderClients({params, state}: MethodCall) {
  for (const [uuid, weight] of Object.entries(params)) {
    if (state.nodes.has(uuid) && typeof weight === 'number') state.update(uuid, {weight})
  }
}

function taskFields(json: Readonly<Record<string, unknown>>) {
  const {clients, interval} = json
  return {
    name: textIn(json, 'name'),
    target: textIn(json, 'target'),
    type: textIn(json, 'type'),
    interval: typeof interval === 'number' ? interval : 0,
    clients: Array.isArray(clients) ? clients.map(String) : [],
    default_on: json.default_on === true,
  }
}

function addPingTask({params, state}: MethodCall) {
  const task = taskFields(params)
  if (!state.features.bridge) validate(params)
  if (task.name === '' || task.target === '' || task.type === '' || task.interval === 0) {
    throw new RpcError(codes.invalidParams, 'name, target, type and interval are required')
  }
  if (task.clients.length === 0 && !task.default_on) {
    throw new RpcError(codes.invalidParams, 'clients is required when default_on is false')
  }
  return {task_id: state.addTask(task).id}
}

const requiredOfTask = {
  clients: 'Clients',
  name: 'Name',
  target: 'Target',
  type: 'TaskType',
  interval: 'Interval',
}

/** The older panels' validator speaks of Go's fields. */
function validate(params: MethodCall['params']): void {
  const missing = Object.entries(requiredOfTask).filter(([name]) => !params[name])
  if (missing.length === 0) return
  const lines = missing.map(
    ([, field]) => `Key: '${field}' Error:Field validation for '${field}' failed on the 'required' tag`,
  )
  throw new RpcError(codes.invalidParams, lines.join('\n'))
}

/** Every field is overwritten; one that is left out becomes zero (3.2). */
function editPingTask({params, state}: MethodCall) {
  const {tasks} = params
  if (!Array.isArray(tasks)) throw new RpcError(codes.invalidParams, 'Invalid request data')
  for (const json of tasks as Array<Record<string, unknown>>) {
    const known = state.tasks.get(Number(json.id))
    if (!known) throw new RpcError(codes.internal, 'record not found')
    const weight = typeof json.weight === 'number' ? json.weight : known.weight
    state.tasks.set(known.id, {...known, ...taskFields(json), weight})
  }
}

function deletePingTask({params, state}: MethodCall) {
  const ids = Array.isArray(params.id) ? params.id : []
  if (ids.length === 0) throw new RpcError(codes.invalidParams, 'id is required')
  const removed = ids.filter(id => state.removeTask(Number(id)))
  if (removed.length === 0) throw new RpcError(codes.internal, 'record not found')
}

function orderPingTask({params, state}: MethodCall) {
  for (const [id, weight] of Object.entries(params)) {
    const task = state.tasks.get(Number(id))
    if (task && typeof weight === 'number') state.tasks.set(task.id, {...task, weight})
  }
}

function sessions({caller, state}: MethodCall) {
  const data = [...state.sessions.values()].map(session => {
    const shown = Object.entries({...session, uuid: state.user.uuid}).map(([name, value]) => [
      name,
      typeof value === 'bigint' ? formatTime(value, state.time) : value,
    ])
    return Object.fromEntries(shown)
  })
  return {current: caller.kind === 'session' ? caller.session.session : '', data}
}

/** Limit and page are texts; anything else counts as left out (2.8). */
function logs({params, state}: MethodCall) {
  const number = (name: string, otherwise: number) => {
    const value = textIn(params, name)
    if (value === '') return otherwise
    if (/^\d+$/.test(value) && Number(value) > 0) return Number(value)
    throw new RpcError(codes.invalidParams, `Invalid ${name}: ${value}`)
  }
  const [limit, page] = [number('limit', 100), number('page', 1)]
  const all = state.logs.map(({message, type, uuid, at}, index) => ({
    id: index + 1,
    ip: '127.0.0.1',
    uuid,
    message,
    msg_type: type,
    time: formatTime(at, state.time),
  }))
  return {logs: all.reverse().slice((page - 1) * limit, page * limit), total: all.length}
}

/** Methods that the sandbox has. The others of `methodNames` say so. */
export const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['public:getMe', me],
  ['public:getVersion', version],
  ['public:getPublicSettings', settingsFor],
  ['public:getNodesInformation', publicNodes],
  ['public:getClientRecentRecords', recentRecords],
  ['public:getRecordsByUUID', loadOf],
  ['public:getPingRecords', pingOf],
  ['public:getPublicPingTasks', publicTasks],
  [
    'public:recordVisitorEvent',
    ({state}) => ({status: state.settings.visitor_audit_enabled === true ? 'success' : 'disabled'}),
  ],
  ['public:getPingMetricStats', pingMetricStats],
  ['public:queryMetrics', queryPingMetrics],
  ['common:getVersion', ({state: {features}}) => ({version: features.version, hash: features.hash})],
  ['common:getPublicInfo', ({state}) => publicSettings(state.settings, state.features, state.retentionHours)],
  ['common:getMe', commonMe],
  ['common:getNodes', commonNodes],
  ['common:getNodesLatestStatus', latestStatus],
  ['common:getNodeRecentStatus', recentStatus],
  ['common:getRecords', rpcRecords],
  ['client:getPingTasks', agentTasks],
  ['admin:addClient', addClient],
  ['admin:editClient', editClient],
  ['admin:removeClient', removeClient],
  ['admin:getClient', call => renderNode(knownNode(call).columns, call.state, false)],
  ['admin:listClients', listClients],
  ['admin:getClientToken', call => ({token: knownNode(call).columns.token})],
  ['admin:orderClients', orderClients],
  ['admin:addPingTask', addPingTask],
  ['admin:editPingTask', editPingTask],
  ['admin:deletePingTask', deletePingTask],
  ['admin:orderPingTask', orderPingTask],
  ['admin:getAllPingTasks', ({state}) => state.tasksInOrder().map(task => renderPingTask(task, state))],
  ['admin:getSettings', ({state}) => ({...state.settings})],
  ['admin:editSettings', ({params, state}) => void Object.assign(state.settings, params)],
  ['admin:getSessions', sessions],
  ['admin:deleteSession', ({params, state}) => void state.sessions.delete(textIn(params, 'session'))],
  ['admin:deleteAllSessions', ({state}) => state.sessions.clear()],
  ['admin:getLogs', logs],
])

/** The tasks of one node, as its agent asks for them. */
export function agentTasks({caller, state}: MethodCall) {
  if (caller.kind !== 'agent') throw new RpcError(codes.permissionDenied, 'Permission denied')
  const {uuid} = caller.node.columns
  return state
    .tasksInOrder()
    .filter(({clients}) => clients.includes(uuid))
    .map(task => renderPingTask(task, state))
}
