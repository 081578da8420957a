import * as z from 'zod/mini'
import {PanelctlError, reworded, usageError} from '../../errors.js'
import {hint, panelctl} from '../../hint.js'
import type {Api, Client} from '../../http/client.js'
import {fieldOf} from '../../json-object.js'
import type {Unneeded} from '../../outcome.js'
import {moment} from '../../output/cell.js'
import type {Columns} from '../../output/columns.js'
import {listAgents, listAllNodes, rpcEndpoint} from './endpoints.js'
import {findNode} from './nodes.js'
import {listed} from './resources/rpc-resource.js'
import {callOwn} from './rpc.js'
import type {Node} from './schemas.js'

const entry = z.looseObject({
  id: z.number(),
  ip: z.string(),
  message: z.string(),
  msg_type: z.string(),
  time: z.string(),
})
const log = z.looseObject({logs: z.array(entry)})
type Entry = z.infer<typeof entry>

/** The newest entries of the panel's log, the newest last; the panel takes its numbers as texts (contracts/komari.md 7.10). */
export async function readLog(
  api: Api,
  {tail, type}: {readonly tail: number; readonly type: string | undefined},
): Promise<Entry[]> {
  const params = {limit: String(tail), page: '1', ...(type === undefined ? {} : {msg_type: type})}
  return listed(log, await callOwn(api, 'admin:getLogs', params)).logs.toReversed()
}

/** The types that its entries of late have: the panel takes any word for one, and shows nothing. */
export async function typesInLog(api: Api): Promise<string[]> {
  return (await readLog(api, {tail: 1000, type: undefined})).map(({msg_type}) => msg_type)
}

export const logColumns: Columns<Entry> = {
  time: ({time}) => moment(new Date(time)),
  type: ({msg_type}) => msg_type,
  ip: ({ip}) => ip,
  message: ({message}) => message,
}

interface Ordered {
  readonly order: readonly string[]
}

/** Gives nodes the places 0, 1, 2 … in the order named; the others keep theirs (7.5). */
export async function orderNodes(
  client: Client,
  names: readonly string[],
): Promise<Ordered | Unneeded<Ordered>> {
  // As administrators see them: a guest would be told of a hidden one that there is none.
  const nodes = await client.call(listAllNodes, {})
  const named = names.map(name => findNode(nodes, name))
  const twice = named.find((node, place) => named.indexOf(node) !== place)
  if (twice) throw usageError(`${twice.name} is named twice`, 'a node has one place')
  const result = {order: named.map(({name}) => name)}
  if (named.every(({weight}, place) => weight === place))
    return {result, unneeded: 'they are in that order already; nothing was sent'}
  const weights = Object.fromEntries(named.map(({uuid}, place) => [uuid, place]))
  // Up to 1.1.8 it does so for an API key, and fails then (1.14): a look tells.
  const ordered = callOwn(client.call, 'admin:orderClients', weights, rpcEndpoint('komari node list'))
  const doubt = await ordered.then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof PanelctlError && error.code === 'UNCERTAIN') return error
      throw error
    },
  )
  const after = await client.call(listAllNodes, {}).catch((error: unknown) => {
    throw doubt ?? error
  })
  const wrong = after.filter(({uuid, weight}) => (weights[uuid] ?? weight) !== weight)
  if (wrong.length === 0) return result
  if (doubt) throw doubt
  throw new PanelctlError(
    'UNCERTAIN',
    `the panel accepted the order, and has another place for ${wrong.map(({name}) => name).join(', ')}`,
    {hint: panelctl('komari node list'), panel: 'komari'},
  )
}

/** A node with what its agent logs in with (3.1). */
export async function nodeWithToken(
  client: Client,
  name: string,
): Promise<Pick<Node, 'uuid' | 'name'> & {readonly token: string}> {
  const {token, ...node} = findNode(await client.call(listAgents, {}), name)
  if (token) return {...node, token}
  throw new PanelctlError('NOT_FOUND', `the node ${name} has no token`, {
    hint: panelctl('komari node edit', [name], {flags: {'token-file': 'token.txt'}}),
    panel: 'komari',
  })
}

/** Sends a message as it would be sent of a node; a success also where nothing else is ever told (7.9, trap 45). */
async function testNotification(api: Api, warn: (text: string) => void): Promise<void> {
  await callOwn(api, 'admin:testSendMessage', {}, rpcEndpoint('komari log list')).catch((error: unknown) => {
    if (!(error instanceof PanelctlError) || error.code !== 'REJECTED') throw error
    throw reworded(error, {hint: hint`what sends it: ${panelctl('komari setting show')}`})
  })
  // The message is sent, whatever comes of this.
  const settings = await callOwn(api, 'admin:getSettings', {}).catch((error: unknown) => {
    if (error instanceof PanelctlError) return undefined
    throw error
  })
  if (fieldOf(settings, 'notification_enabled') === false)
    warn('the message was sent, and no other will be: the setting notification_enabled is off')
}

/** The same as a command of its own. */
export const notificationTest = {
  summary: 'send a message as a node that is offline would cause one',
  examples: ['komari notification test'],
  perform: ({api, speech}: {readonly api: Api; readonly speech: {warn(text: string): void}}) =>
    testNotification(api, speech.warn),
  columns: {},
  done: () => 'the sender took the message',
}
