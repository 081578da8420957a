import {goRefusal} from '../go/json-error.js'
import {type Fields, isObject, textIn} from '../json-object.js'
import {isOnline, latestReport, recentReports} from './agent.js'
import {audited} from './audit.js'
import type {Method, MethodCall} from './call.js'
import {listCommands, listCommandsOf, listResults, sendCommand, showCommand, showResult} from './commands.js'
import {isAdmin, seesHidden} from './identity.js'
import {formatTime} from './instant.js'
import {recordOf, renderLoad} from './load-records.js'
import {metricMethods} from './metric-methods.js'
import {maskedAddresses, renderNode} from './node.js'
import {deleteNumbered, notificationMethods} from './notifications.js'
import {pingMetricStats, queryPingMetrics} from './ping-metrics.js'
import type {PingTask} from './ping-records.js'
import {loadOf, pingOf, pingSummary, recentRecords, rpcRecords, visibleNodes} from './records.js'
import type {Report} from './report.js'
import {codes, Panic, RpcError} from './rpc-error.js'
import {senderMethods} from './senders.js'
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
  const settings = publicSettings(state)
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

function addClient(call: MethodCall) {
  const {params, state} = call
  const name = textIn(params, 'name')
  const {columns} = state.add({name})
  // Nobody hears of one without a name.
  if (name !== '') audited(call, `create client:${columns.uuid}`)
  const made = {token: columns.token, uuid: columns.uuid}
  // 1.1.8 has a message here, unless it made up the name.
  return state.features.bridge || name === '' ? made : {message: '', ...made}
}

function requiredUuid(params: Fields): string {
  const uuid = textIn(params, 'uuid')
  if (uuid === '') throw new RpcError(codes.invalidParams, 'Invalid or missing UUID')
  return uuid
}

/** An unknown uuid is a success, and in the log (3.1). */
function editClient(call: MethodCall) {
  const {uuid: _, ...changes} = call.params
  const uuid = requiredUuid(call.params)
  call.state.edit(uuid, changes)
  audited(call, `edit client:${uuid}`)
}

function removeClient(call: MethodCall) {
  const uuid = requiredUuid(call.params)
  call.state.remove(uuid)
  audited(call, `delete client:${uuid}`, 'warn')
}

/** "Not found" is an internal error here (trap 13). */
function knownNode({params, state}: MethodCall): KomariNode {
  const node = state.nodes.get(requiredUuid(params))
  if (!node) throw new RpcError(codes.internal, 'record not found')
  const [broken] = node.broken.values()
  if (broken !== undefined) throw new RpcError(codes.internal, broken)
  return node
}

function listClients({state}: MethodCall) {
  readable(state)
  return [...state.nodes.values()].map(({columns}) => renderNode(columns, state, false))
}

/** Weights by uuid or id, as they were sent; null is zero. */
function weightsIn(sent: unknown): Array<[string, number]> {
  const weights = sent ?? {}
  const wrong = isObject(weights)
    ? Object.values(weights).flatMap(one =>
        one === null || Number.isInteger(one) ? [] : [goRefusal(one, 'int')],
      )[0]
    : goRefusal(weights, 'map[string]int')
  if (wrong) throw new RpcError(codes.invalidParams, `Invalid or missing request body: ${wrong}`)
  return Object.entries(weights).map(([name, weight]) => [name, Number(weight)])
}

/** Unknown uuids are nobody's business (trap 51). */
function orderClients(call: MethodCall) {
  const {sent, state} = call
  for (const [uuid, weight] of weightsIn(sent)) if (state.nodes.has(uuid)) state.update(uuid, {weight})
  audited(call, 'order clients')
}

function taskFields(json: Readonly<Record<string, unknown>>) {
  const {clients, interval} = json
  return {
    name: textIn(json, 'name'),
    target: textIn(json, 'target'),
    type: textIn(json, 'type'),
    interval: Number.isInteger(interval) ? Number(interval) : 0,
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

function knownTask(id: unknown, {tasks}: KomariState): PingTask {
  const task = tasks.get(id as number)
  if (!task) throw new RpcError(codes.internal, 'record not found')
  return task
}

/** Every field but the weight is overwritten; one that is left out becomes zero (3.2). Those before a failure stay. */
function editPingTask({params: {tasks}, state}: MethodCall) {
  const isList = Array.isArray(tasks) && tasks.length > 0 && tasks.every(isObject)
  if (!isList) throw new RpcError(codes.invalidParams, 'Invalid request data')
  for (const json of tasks) {
    const known = knownTask(json.id, state)
    state.tasks.set(known.id, {...known, ...taskFields(json)})
  }
}

/** All or nothing (trap 51). */
function orderPingTask({sent, state}: MethodCall) {
  const ordered = weightsIn(sent).map(([id, weight]) => {
    if (!/^\d+$/.test(id)) throw new RpcError(codes.invalidParams, `Invalid task id: ${id}`)
    return {...knownTask(Number(id), state), weight}
  })
  for (const task of ordered) state.tasks.set(task.id, task)
}

/** Anything is stored, of any name and type (3.3). */
function editSettings(call: MethodCall) {
  const {params, sent, state} = call
  if (!isObject(sent ?? {})) {
    const wrong = goRefusal(sent, 'map[string]interface {}')
    throw new RpcError(codes.invalidParams, `Invalid or missing request body: ${wrong}`)
  }
  Object.assign(state.settings, params)
  const names = Object.keys(params).join(', ')
  audited(call, names === '' ? 'update settings' : `update settings: ${names}`)
}

/** An unknown one is a success. */
function deleteSession(call: MethodCall) {
  const session = textIn(call.params, 'session')
  if (session === '') throw new RpcError(codes.invalidParams, 'session is required')
  call.state.sessions.delete(session)
  audited(call, 'delete session')
}

function deleteAllSessions(call: MethodCall) {
  call.state.sessions.clear()
  audited(call, 'delete all sessions', 'warn')
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
  const wanted = textIn(params, 'msg_type')
  const all = state.logs.flatMap(({message, type, uuid, ip, at}, index) => {
    if (wanted !== '' && wanted !== type) return []
    return [{id: index + 1, ip, uuid, message, msg_type: type, time: formatTime(at, state.time)}]
  })
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
  ['common:getPublicInfo', ({state}) => publicSettings(state)],
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
  ['admin:deletePingTask', ({params, state}) => deleteNumbered(params, id => state.removeTask(id))],
  ['admin:orderPingTask', orderPingTask],
  ['admin:getAllPingTasks', ({state}) => state.tasksInOrder().map(task => renderPingTask(task, state))],
  ['admin:getSettings', ({state}) => Object.fromEntries(Object.entries(state.settings).sort())],
  ['admin:editSettings', editSettings],
  ['admin:getSessions', sessions],
  ['admin:deleteSession', deleteSession],
  ['admin:deleteAllSessions', deleteAllSessions],
  ['admin:getLogs', logs],
  ...metricMethods,
  ...notificationMethods,
  ...senderMethods,
  ['admin:exec', sendCommand],
  ['admin:getTasks', listCommands],
  ['admin:getTaskById', showCommand],
  ['admin:getTaskResultsByTaskId', listResults],
  ['admin:getSpecificTaskResult', showResult],
  ['admin:getTasksByClientId', listCommandsOf],
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
