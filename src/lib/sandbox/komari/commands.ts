import {textIn} from '../json-object.js'
import {randomText} from '../random.js'
import {runLine} from '../shell.js'
import {isOnline} from './agent.js'
import type {MethodCall} from './call.js'
import {formatTime} from './instant.js'
import {emptyNode, renderNode} from './node.js'
import {codes, RpcError} from './rpc-error.js'
import type {CommandResult, SentCommand} from './sent-command.js'
import type {KomariState} from './state.js'
import {isRightCode} from './totp.js'

// Commands on emulated nodes (contracts/komari.md 3.4, 7.7).

/** stdout, and behind it stderr, where there is any (7.7). */
function joined(stdout: string, stderr: string): string {
  return [stdout, stderr]
    .filter(text => text !== '')
    .join('\n')
    .replaceAll('\r\n', '\n')
}

function resultOf(client: string, command: string, state: KomariState): CommandResult {
  const createdAt = state.instant()
  const atOnce = (result: string, exitCode = -1): CommandResult => ({
    client,
    result,
    exitCode,
    createdAt,
    finishedAt: createdAt,
  })
  const node = state.nodes.get(client)
  if (!node || !isOnline(node.agent, state)) return atOnce('Client offline!')
  if (state.refusesCommands.has(client)) return atOnce('Remote control is disabled.')
  const {stdout, stderr, code = -1, ms} = runLine(command, {hostname: node.columns.name})
  const finishedAt = createdAt + BigInt(ms) * 1_000_000n
  return {...atOnce(joined(stdout, stderr), code), finishedAt}
}

/** A session of an account with 2FA gives a code along, a key none (2.3). */
function admitted({params, caller, state}: MethodCall): void {
  const secret = state.user.totpSecret
  if (caller.kind !== 'session' || secret === undefined) return
  const code = textIn(params, '2fa_code')
  if (code === '') throw new RpcError(codes.permissionDenied, '2FA code is required')
  if (!isRightCode(secret, code, state.now())) throw new RpcError(codes.permissionDenied, 'Invalid 2FA code')
}

export function sendCommand(call: MethodCall) {
  admitted(call)
  const {params, state} = call
  const command = textIn(params, 'command')
  const clients = Array.isArray(params.clients) ? params.clients.map(String) : []
  if (command.trim() === '') throw new RpcError(codes.invalidParams, 'Command cannot be empty')
  if (clients.length === 0) throw new RpcError(codes.invalidParams, 'clients is required')
  const isThere = (uuid: string) => {
    const node = state.nodes.get(uuid)
    return node !== undefined && isOnline(node.agent, state)
  }
  const reached = clients.filter(isThere)
  if (reached.length === 0) throw new RpcError(codes.invalidParams, 'No clients connected')
  const all = [...reached, ...clients.filter(uuid => !isThere(uuid))]
  const id = randomText(16, state.random)
  const results = all.map(uuid => resultOf(uuid, command, state))
  state.commands.set(id, {id, command, clients: all, results})
  state.log(`REC, task id: ${id}`, 'warn')
  return {clients: reached, queued_clients: null, task_id: id}
}

function renderResult({client, result, exitCode, createdAt, finishedAt}: CommandResult, state: KomariState) {
  const isOver = finishedAt !== undefined && finishedAt <= state.instant()
  return {
    client,
    created_at: formatTime(createdAt, state.time),
    exit_code: isOver ? exitCode : null,
    finished_at: isOver ? formatTime(finishedAt, state.time) : null,
    result: isOver ? result : '',
  }
}

function render({id, command, clients, results}: SentCommand, state: KomariState) {
  return {clients, command, results: results.map(one => renderResult(one, state)), task_id: id}
}

/** A row of the table of results, with the empty node that it is joined with (trap 54). */
function renderRow({id}: SentCommand, result: CommandResult, state: KomariState) {
  const {result: text, finished_at, exit_code, created_at} = renderResult(result, state)
  const client_info = renderNode(emptyNode, state, true)
  return {task_id: id, client: result.client, client_info, result: text, exit_code, finished_at, created_at}
}

export function listCommands({state}: MethodCall) {
  return [...state.commands.values()].map(one => render(one, state))
}

export function showCommand({params, state}: MethodCall) {
  const found = state.commands.get(textIn(params, 'task_id'))
  if (!found) throw new RpcError(codes.internal, 'Failed to retrieve task: record not found')
  return render(found, state)
}

export function listResults({params, state}: MethodCall) {
  const found = state.commands.get(textIn(params, 'task_id'))
  if (!found) throw new RpcError(codes.notFound, 'No results found for this task')
  return found.results.map(result => renderRow(found, result, state))
}

export function showResult({params, state}: MethodCall) {
  const found = state.commands.get(textIn(params, 'task_id'))
  const result = found?.results.find(({client}) => client === textIn(params, 'uuid'))
  if (!found || !result)
    throw new RpcError(codes.internal, 'Failed to retrieve task result: record not found')
  return renderRow(found, result, state)
}

/** The key of the results is another one here, and they are none (3.4). */
export function listCommandsOf({params, state}: MethodCall) {
  const uuid = textIn(params, 'uuid')
  const own = [...state.commands.values()].filter(({clients}) => clients.includes(uuid))
  if (own.length === 0) throw new RpcError(codes.notFound, 'No tasks found for this client')
  return own.map(({id, clients, command}) => ({task_id: id, clients, command, Results: null}))
}
