import type {Answer, SandboxRequest} from '../answer.js'
import {goJson} from '../go/json.js'
import {json} from '../go/json-answer.js'
import type {Target} from '../go/query.js'
import {randomText} from '../random.js'
import {parseMetrics} from './agent.js'
import {failure, plainSuccess, socketFailure} from './answers.js'
import {type Caller, hasDiscoveryKey} from './identity.js'
import {agentTasks} from './methods.js'
import {emptyNode, type NodeColumns} from './node.js'
import type {KomariNode, KomariState} from './state.js'

const done = json(200, goJson({status: 'success'}))

function objectIn(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** Errors of the report route have a shape of their own: C (contracts/komari.md 0.4). */
function refused(status: number, error: string): Answer {
  return json(status, goJson({error}))
}

/** POST /api/clients/report: a uuid in the body is stronger than the token's node (3.8). */
export function postReport({body}: SandboxRequest, caller: Caller, state: KomariState): Answer {
  const report = objectIn(body)
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
export function uploadBasicInfo({body}: SandboxRequest, caller: Caller, state: KomariState): Answer {
  const info = objectIn(body)
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

function storeHardware({columns}: KomariNode, info: Record<string, unknown>, state: KomariState): void {
  const known = hardware.filter(name => typeof info[name] === typeof (emptyNode as NodeColumns)[name])
  const changes = Object.fromEntries(known.map(name => [name, info[name]]))
  state.update(columns.uuid, {...changes, updated_at: state.instant()})
}

/** POST /api/clients/register: each call makes a node (3.8). */
export function register(request: SandboxRequest, {query}: Target, state: KomariState): Answer {
  if (!hasDiscoveryKey(request, state)) return failure(403, 'Invalid AutoDiscovery Key')
  const name = query.get('name') || randomText(8, state.random)
  const {token, uuid} = state.add({name: `Auto-${name}`}).columns
  return plainSuccess({token, uuid})
}

/** GET /api/clients/ping/tasks: bare. */
export function pingTasks(caller: Caller, state: KomariState): Answer {
  return json(200, goJson(caller.kind === 'agent' ? agentTasks({caller, state, params: {}}) : []))
}

/** POST /api/clients/ping/result: whatever task it names. */
export function pingResult({body}: SandboxRequest, caller: Caller, state: KomariState): Answer {
  const result = objectIn(body)
  if (!result) return socketFailure(400, 'Invalid request body')
  storeResult(result, caller, state)
  return done
}

function storeResult(result: Record<string, unknown>, caller: Caller, state: KomariState): void {
  if (caller.kind !== 'agent') return
  const [task_id, value] = [Number(result.task_id), Math.round(Number(result.value))]
  state.addPing({task_id, value, client: caller.node.columns.uuid, at: state.now()})
}

/** POST /api/clients/v2/rpc: the agent's own JSON-RPC; an unknown method is HTTP 400 (3.8). */
export function agentRpc(request: SandboxRequest, caller: Caller, state: KomariState): Answer {
  const call = objectIn(request.body)
  const {method, id, params} = call ?? {}
  const own = typeof params === 'object' && params !== null ? (params as Record<string, unknown>) : {}
  const result = json(200, goJson({jsonrpc: '2.0', id, result: {events: [], status: 'success'}}))
  const inner = (name: string) => goJson(own[name] ?? {})
  switch (method) {
    case 'agent.report': {
      const answer = postReport({...request, body: inner('report')}, caller, state)
      if (answer.status === 200) return result
      const {error: message} = JSON.parse(String(answer.body))
      return json(400, goJson({jsonrpc: '2.0', id, error: {code: -32602, message}}))
    }
    case 'agent.basicInfo':
      uploadBasicInfo({...request, body: inner('info')}, caller, state)
      return result
    case 'agent.pingResult':
      storeResult(own, caller, state)
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
