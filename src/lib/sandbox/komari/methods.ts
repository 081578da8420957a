import {textIn} from '../json-object.js'
import {administrationMethods} from './administration-methods.js'
import {isOnline, latestReport, recentReports} from './agent.js'
import type {Method, MethodCall} from './call.js'
import {listCommands, listCommandsOf, listResults, sendCommand, showCommand, showResult} from './commands.js'
import {isAdmin, seesHidden} from './identity.js'
import {formatTime} from './instant.js'
import {recordOf, renderLoad} from './load-records.js'
import {metricMethods} from './metric-methods.js'
import {maskedAddresses, renderNode} from './node.js'
import {nodeMethods} from './node-methods.js'
import {notificationMethods} from './notifications.js'
import {pingMetricStats, queryPingMetrics} from './ping-metrics.js'
import {pingTaskMethods} from './ping-tasks.js'
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
/** Methods that the sandbox has. The others of `methodNames` say so. */
export const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['public:getMe', me],
  ['public:getVersion', version],
  ['public:getPublicSettings', settingsFor],
  ['public:getNodesInformation', publicNodes],
  ['public:getClientRecentRecords', recentRecords],
  ['public:getRecordsByUUID', loadOf],
  ['public:getPingRecords', pingOf],
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
  ...nodeMethods,
  ...pingTaskMethods,
  ...administrationMethods,
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
