import type {Answer} from '../answer.js'
import {json} from '../go/answers.js'
import {goJson} from '../go/json.js'
import {type Fields, isObject, objectIn} from '../json-object.js'
import {randomText} from '../random.js'
import {parseMetrics} from './agent.js'
import {failure, plainSuccess, socketFailure} from './answers.js'
import type {Call} from './call.js'
import {hasDiscoveryKey} from './identity.js'
import {agentTasks} from './methods.js'
import {emptyNode, type NodeColumns} from './node.js'
import type {KomariNode, KomariState} from './state.js'

const done = json(200, goJson({status: 'success'}))

/** Errors of the report route have a shape of their own: C (contracts/komari.md 0.4). */
function refused(status: number, error: string): Answer {
  return json(status, goJson({error}))
}

/** POST /api/clients/report: a uuid in the body is stronger than the token's node (3.8). */
export function postReport({request, caller, state}: Call): Answer {
  const report = objectIn(request.body)
  if (!report) return refused(400, 'Invalid request body')
  const own = caller.kind === 'agent' ? caller.node.columns.uuid : ''
  const uuid = typeof report.uuid === 'string' && report.uuid !== '' ? report.uuid : own
  if (uuid === '') return refused(400, 'UUID is required')
  try {
    if (state.feed.has(uuid)) state.report(uuid, {...parseMetrics(report), posted: true})
    return done
  } catch (error) {
    return refused(500, (error as Error).message)
  }
}

/** POST /api/clients/uploadBasicInfo: what the hardware is (3.8). */
export function uploadBasicInfo({request, caller, state}: Call): Answer {
  const info = objectIn(request.body)
  if (caller.kind !== 'agent' || !info) return socketFailure(400, 'Invalid token')
  // An old panel has no column for a newer agent's field, and says nothing (1.1.8).
  if (!state.features.physicalCores && 'cpu_physical_cores' in info) return {status: 500}
  storeHardware(caller.node, info, state)
  return done
}

const hardware: ReadonlyArray<keyof NodeColumns> = [
  'cpu_name',
  'virtualization',
  'arch',
  'cpu_cores',
  'cpu_physical_cores',
  'os',
  'kernel_version',
  'gpu_name',
  'ipv4',
  'ipv6',
  'mem_total',
  'swap_total',
  'disk_total',
  'version',
]

function storeHardware({columns}: KomariNode, info: Fields, state: KomariState): void {
  const known = hardware.filter(name => typeof info[name] === typeof emptyNode[name])
  const changes = Object.fromEntries(known.map(name => [name, info[name]]))
  state.update(columns.uuid, {...changes, updated_at: state.instant()})
}

/** POST /api/clients/register: each call makes a node (3.8). */
export function register({request, target: {query}, state}: Call): Answer {
  if (!hasDiscoveryKey(request, state)) return failure(403, 'Invalid AutoDiscovery Key')
  const name = query.get('name') || randomText(8, state.random)
  const {token, uuid} = state.add({name: `Auto-${name}`}).columns
  return plainSuccess({token, uuid})
}

/** GET /api/clients/ping/tasks: bare. */
export function pingTasks({caller, state}: Call): Answer {
  return json(200, goJson(caller.kind === 'agent' ? agentTasks({caller, state, params: {}}) : []))
}

/** POST /api/clients/ping/result: whatever task it names. */
export function pingResult({request, caller, state}: Call): Answer {
  const result = objectIn(request.body)
  if (!result) return socketFailure(400, 'Invalid request body')
  storeResult(result, {caller, state})
  return done
}

function storeResult(result: Fields, {caller, state}: Pick<Call, 'caller' | 'state'>): void {
  if (caller.kind === 'agent') state.probed(caller.node.columns.uuid, result)
}

/** POST /api/clients/v2/rpc: the agent's own JSON-RPC; an unknown method is HTTP 400 (3.8). */
export function agentRpc(call: Call): Answer {
  const {method, id, params} = objectIn(call.request.body) ?? {}
  const own = isObject(params) ? params : {}
  const result = json(200, goJson({jsonrpc: '2.0', id, result: {events: [], status: 'success'}}))
  const inner = (name: string): Call => ({
    ...call,
    request: {...call.request, body: goJson(own[name] ?? {})},
  })
  switch (method) {
    case 'agent.report': {
      const answer = postReport(inner('report'))
      if (answer.status === 200) return result
      const {error: message} = JSON.parse(String(answer.body))
      return json(400, goJson({jsonrpc: '2.0', id, error: {code: -32602, message}}))
    }
    case 'agent.basicInfo':
      uploadBasicInfo(inner('info'))
      return result
    case 'agent.pingResult':
      storeResult(own, call)
      return result
    case 'agent.pull':
      return result
    default:
      return json(
        400,
        goJson({jsonrpc: '2.0', id, error: {code: -32601, message: 'method not found', data: method}}),
      )
  }
}
