import type {Answer} from '../answer.js'
import {json} from '../go/answers.js'
import {goJson} from '../go/json.js'
import {type Fields, isObject, objectIn, textIn} from '../json-object.js'
import {randomText} from '../random.js'
import {parseMetrics} from './agent.js'
import {failure, plainSuccess, socketFailure} from './answers.js'
import type {Call} from './call.js'
import {hasDiscoveryKey} from './identity.js'
import {emptyNode, type NodeColumns} from './node.js'
import {agentTasks} from './ping-tasks.js'
import type {KomariNode, KomariState} from './state.js'

const done = json(200, goJson({status: 'success'}))

interface Refused {
  readonly status: number
  readonly error: string
}

/** Takes a report in; a uuid in it is stronger than the token's node (3.8). Gives why the panel does not. */
function report(body: Fields | undefined, {caller, state}: Call): Refused | undefined {
  if (!body) return {status: 400, error: 'Invalid request body'}
  const uuid = textIn(body, 'uuid') || (caller.kind === 'agent' ? caller.node.columns.uuid : '')
  if (uuid === '') return {status: 400, error: 'UUID is required'}
  try {
    if (state.feed.has(uuid)) state.report(uuid, {...parseMetrics(body), posted: true})
    return undefined
  } catch (error) {
    return {status: 500, error: (error as Error).message}
  }
}

/** POST /api/clients/report. Its errors have a shape of their own: C (contracts/komari.md 0.4). */
export function postReport(call: Call): Answer {
  const refused = report(objectIn(call.request.body), call)
  return refused ? json(refused.status, goJson({error: refused.error})) : done
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
  return json(
    200,
    goJson(caller.kind === 'agent' ? agentTasks({caller, state, params: {}, sent: undefined}) : []),
  )
}

/** POST /api/clients/ping/result: whatever task it names. */
export function pingResult({request, caller, state}: Call): Answer {
  const result = objectIn(request.body)
  if (!result) return socketFailure(400, 'Invalid request body')
  if (caller.kind === 'agent') state.probed(caller.node.columns.uuid, result)
  return done
}

/** POST /api/clients/v2/rpc: the agent's own JSON-RPC; an unknown method is HTTP 400 (3.8). */
export function agentRpc(call: Call): Answer {
  const {method, id, params} = objectIn(call.request.body) ?? {}
  const failed = (error: Fields) => json(400, goJson({jsonrpc: '2.0', id, error}))
  if (method !== 'agent.report') return failed({code: -32601, message: 'method not found', data: method})
  const body = isObject(params) && isObject(params.report) ? params.report : {}
  const refused = report(body, call)
  if (refused) return failed({code: -32602, message: refused.error})
  return json(200, goJson({jsonrpc: '2.0', id, result: {events: [], status: 'success'}}))
}
