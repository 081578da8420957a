import {isObject, textIn} from '../json-object.js'
import type {MethodCall, Methods} from './call.js'
import {deleteNumbered} from './notifications.js'
import type {PingTask} from './ping-records.js'
import {codes, RpcError} from './rpc-error.js'
import type {KomariState} from './state.js'
import {weightsIn} from './weights.js'

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
/** The tasks of one node, as its agent asks for them. */
export function agentTasks({caller, state}: MethodCall) {
  if (caller.kind !== 'agent') throw new RpcError(codes.permissionDenied, 'Permission denied')
  const {uuid} = caller.node.columns
  return state
    .tasksInOrder()
    .filter(({clients}) => clients.includes(uuid))
    .map(task => renderPingTask(task, state))
}

export const pingTaskMethods: Methods = [
  ['public:getPublicPingTasks', publicTasks],
  ['client:getPingTasks', agentTasks],
  ['admin:addPingTask', addPingTask],
  ['admin:editPingTask', editPingTask],
  ['admin:deletePingTask', ({params, state}) => deleteNumbered(params, id => state.removeTask(id))],
  ['admin:orderPingTask', orderPingTask],
  ['admin:getAllPingTasks', ({state}) => state.tasksInOrder().map(task => renderPingTask(task, state))],
]
