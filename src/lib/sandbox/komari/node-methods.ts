import {type Fields, textIn} from '../json-object.js'
import {audited} from './audit.js'
import type {MethodCall, Methods} from './call.js'
import {renderNode} from './node.js'
import {codes, RpcError} from './rpc-error.js'
import type {KomariNode, KomariState} from './state.js'
import {weightsIn} from './weights.js'

/** One row that cannot be read takes the whole list down (1.7). */
function readable(state: KomariState): void {
  const broken = state.brokenRow
  if (broken) throw new RpcError(codes.internal, broken)
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
/** Unknown uuids are nobody's business (trap 51). */
function orderClients(call: MethodCall) {
  const {sent, state} = call
  for (const [uuid, weight] of weightsIn(sent)) if (state.nodes.has(uuid)) state.update(uuid, {weight})
  audited(call, 'order clients')
}
export const nodeMethods: Methods = [
  ['admin:addClient', addClient],
  ['admin:editClient', editClient],
  ['admin:removeClient', removeClient],
  ['admin:getClient', call => renderNode(knownNode(call).columns, call.state, false)],
  ['admin:listClients', listClients],
  ['admin:getClientToken', call => ({token: knownNode(call).columns.token})],
  ['admin:orderClients', orderClients],
]
