import {goMismatch, goRefusal} from '../go/json-error.js'
import {type Fields, textIn} from '../json-object.js'
import type {Method, MethodCall, Methods} from './call.js'
import {parseInstant} from './instant.js'
import {emptyNode, renderNode} from './node.js'
import {type LoadRule, newLoadRule, newOfflineRule, newTrafficRule} from './notification-rules.js'
import {codes, RpcError} from './rpc-error.js'
import type {KomariState} from './state.js'

function refusal(message: string): RpcError {
  return new RpcError(codes.invalidParams, message)
}

/** The list that the parameters are; without any it is empty. */
function listOf(sent: unknown, type: string, wrongIn: (item: unknown) => string | undefined): unknown[] {
  const list = sent ?? []
  const wrong = Array.isArray(list) ? list.map(wrongIn).find(Boolean) : goRefusal(list, `[]${type}`)
  if (wrong) throw refusal(`Invalid request body: ${wrong}`)
  return list as unknown[]
}

function uuidsOf(sent: unknown): string[] {
  return listOf(sent, 'string', one => (typeof one === 'string' ? undefined : goRefusal(one, 'string'))).map(
    String,
  )
}

/** The rules that the parameters are; none is refused. */
function rulesOf(sent: unknown, type: string, fields: Parameters<typeof goMismatch>[2]): Fields[] {
  const rules = listOf(sent, type, one =>
    goMismatch(one, type, {client: 'string', enable: 'bool', ...fields}),
  )
  if (rules.length === 0) throw refusal('At least one notification is required')
  return rules as Fields[]
}

/** Those of nodes that ever connected are made by the panel; others come with the first change (contracts/komari.md 7.9). */
function offlineRules({nodes, offlineRules: rules}: KomariState) {
  for (const [uuid, {agent}] of nodes) {
    const connected = agent.machine ?? agent.connected ?? agent.reports[0]
    if (connected && !rules.has(uuid)) rules.set(uuid, newOfflineRule)
  }
  return rules
}

/** A node as Go makes an empty one (trap 54). */
function nobody(state: KomariState) {
  const at = parseInstant('0001-01-01T00:00:00Z') ?? 0n
  const columns = {...emptyNode, currency: '', traffic_limit_type: '', created_at: at, updated_at: at}
  return renderNode(columns, state, false)
}

function listOffline({state}: MethodCall) {
  return [...offlineRules(state)].map(([client, rule]) => ({client, client_info: nobody(state), ...rule}))
}

/** A node that is not there gets a rule like any other (trap 53). */
const switchOffline =
  (enable: boolean): Method =>
  ({sent, state}) => {
    const uuids = uuidsOf(sent)
    if (uuids.length === 0) {
      throw new RpcError(codes.internal, 'Failed to update offline notifications: empty slice found')
    }
    const rules = offlineRules(state)
    for (const uuid of uuids) rules.set(uuid, {...newOfflineRule, ...rules.get(uuid), enable})
  }

function editOffline({sent, state}: MethodCall) {
  const changes = rulesOf(sent, 'models.OfflineNotification', {grace_period: 'int'})
  for (const change of changes) {
    if (textIn(change, 'client') === '') throw refusal('Client UUID cannot be empty')
    if (!(Number(change.grace_period) > 0)) throw refusal('GracePeriod must be a positive integer')
  }
  const rules = offlineRules(state)
  for (const {client, enable, grace_period} of changes) {
    rules.set(String(client), {
      ...newOfflineRule,
      enable: enable === true,
      grace_period: Number(grace_period),
    })
  }
}

const loadFields = {
  name: 'string',
  clients: '[]string',
  metric: 'string',
  threshold: 'float64',
  ratio: 'float64',
  interval: 'int',
} as const

/** The fields of a load rule that are given, of their types, and not zero; of a list also an empty one. */
function loadFieldsOf(json: Fields): Partial<LoadRule> {
  const given = Object.entries(loadFields).filter(
    ([name, type]) => json[name] && goMismatch(json, '', {[name]: type}) === undefined,
  )
  return Object.fromEntries(given.map(([name]) => [name, json[name]]))
}

/** The metric is anything (3.6). */
function addLoad({params, state}: MethodCall) {
  const rule = {...newLoadRule, ...loadFieldsOf(params)}
  const {clients, metric, threshold, ratio, interval} = rule
  if (clients.length === 0 || metric === '' || threshold === 0 || ratio === 0 || interval === 0) {
    throw refusal('clients, metric, threshold, ratio and interval are required')
  }
  if (ratio < 0 || ratio > 1) throw refusal('Ratio must be between 0 and 1')
  if (interval < 1 || interval > 240) throw refusal('Interval must be between 1 and 240 minutes')
  state.lastLoadRule++
  state.loadRules.set(state.lastLoadRule, rule)
  return {task_id: state.lastLoadRule}
}

/** Unlike ping tasks: what is left out, or zero, stays; nothing else is checked (1.4.3). */
function editLoad({params: {notifications}, state}: MethodCall) {
  const changes = Array.isArray(notifications) ? notifications : []
  const fits = changes.every(one => goMismatch(one, '', {...loadFields, id: 'int'}) === undefined)
  if (!fits) throw refusal('Invalid request data')
  for (const change of changes) {
    const known = state.loadRules.get(change.id)
    if (!known) throw new RpcError(codes.internal, 'record not found')
    state.loadRules.set(change.id, {...known, ...loadFieldsOf(change)})
  }
}

/** Deletes by numbers; one known number hides the unknown ones, and a text is none (traps 51, 52). */
export function deleteNumbered({id}: Fields, remove: (id: number) => boolean): void {
  if (!Array.isArray(id) || id.length === 0) throw refusal('id is required')
  const removed = id.filter(one => remove(one))
  if (removed.length === 0) throw new RpcError(codes.internal, 'record not found')
}

/** With the whole node, its token too (trap 54). */
function listTraffic({state}: MethodCall) {
  return [...state.trafficRules].map(([client, rule]) => {
    const node = state.nodes.get(client)
    return {client, client_info: node ? renderNode(node.columns, state, false) : nobody(state), ...rule}
  })
}

const noCadence = 'at least one cadence must be selected when enabling traffic reports'

function isIdle({daily, weekly, monthly}: Fields): boolean {
  return daily !== true && weekly !== true && monthly !== true
}

const switchTraffic =
  (enable: boolean): Method =>
  ({sent, state}) => {
    const uuids = uuidsOf(sent)
    const rules = uuids.map(
      uuid => [uuid, {...newTrafficRule, ...state.trafficRules.get(uuid), enable}] as const,
    )
    const wrong =
      (uuids.length === 0 && 'at least one client UUID is required') ||
      (uuids.includes('') && 'client UUID cannot be empty') ||
      (enable && rules.some(([, rule]) => isIdle(rule)) && noCadence)
    const verb = enable ? 'enable' : 'disable'
    if (wrong) throw new RpcError(codes.internal, `Failed to ${verb} traffic report notifications: ${wrong}`)
    for (const [uuid, rule] of rules) state.trafficRules.set(uuid, rule)
  }

function editTraffic({sent, state}: MethodCall) {
  const cadences = {daily: 'bool', weekly: 'bool', monthly: 'bool'} as const
  const changes = rulesOf(sent, 'models.TrafficReportNotification', cadences)
  for (const change of changes) {
    if (textIn(change, 'client') === '') throw refusal('client UUID cannot be empty')
    if (change.enable === true && isIdle(change)) throw refusal(noCadence)
  }
  for (const {client, ...change} of changes) {
    const rule = Object.keys(newTrafficRule).map(name => [name, change[name] === true])
    state.trafficRules.set(String(client), Object.fromEntries(rule))
  }
}

export const notificationMethods: Methods = [
  ['admin:listOfflineNotifications', listOffline],
  ['admin:editOfflineNotification', editOffline],
  ['admin:enableOfflineNotification', switchOffline(true)],
  ['admin:disableOfflineNotification', switchOffline(false)],
  ['admin:getAllLoadNotifications', ({state}) => [...state.loadRules].map(([id, rule]) => ({id, ...rule}))],
  ['admin:addLoadNotification', addLoad],
  ['admin:editLoadNotification', editLoad],
  [
    'admin:deleteLoadNotification',
    ({params, state}) => deleteNumbered(params, id => state.loadRules.delete(id)),
  ],
  ['admin:listTrafficReportNotifications', listTraffic],
  ['admin:editTrafficReportNotifications', editTraffic],
  ['admin:enableTrafficReportNotifications', switchTraffic(true)],
  ['admin:disableTrafficReportNotifications', switchTraffic(false)],
]
