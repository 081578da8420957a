import * as z from 'zod/mini'
import {channel, endpoint, read} from './panel.js'
import {
  agentNode,
  feed,
  latestStatus,
  loadHistoryResult,
  me,
  node,
  pingHistoryResult,
  report,
  site,
  startedTask,
  task,
  version,
} from './schemas.js'

/** contracts/komari.md 1.1. Shows an API key as a guest. */
export const showMe = endpoint({method: 'GET', path: '/api/me', result: me, retry: 'reads'})

/** 1.2. */
export const showSite = endpoint({method: 'GET', path: '/api/public', result: site, retry: 'reads'})

/** 1.3. */
export const showVersion = endpoint({method: 'GET', path: '/api/version', result: version, retry: 'reads'})

/** 1.4. Each call notifies the owner and leaves a session of 30 days (trap 18); `2fa_code` is a text (trap 19). */
export const logIn = endpoint({
  method: 'POST',
  path: '/api/login',
  body: z.object({username: z.string(), password: z.string(), '2fa_code': z.optional(z.string())}),
  result: z.looseObject({'set-cookie': z.looseObject({session_token: z.string().check(z.minLength(1))})}),
  retry: 'never',
  lookWith: 'komari session list',
})

/** 1.6. Leads to the panel's page, which nobody needs (trap 29). */
export const logOut = read({path: '/api/logout', result: z.string(), redirects: 'session_token', acts: true})

/** 1.5. */
export const findProvider = read({path: '/api/oauth', result: z.string(), redirects: 'oauth_state'})

/** 3.1. The call that finds out a bad API key on every version: public ones answer as to a guest (1.1, trap 4). */
export const listClients = read({
  path: '/api/admin/client/list',
  result: z.array(z.looseObject({uuid: z.string()})),
})

/** 3.1. The same as the nodes that they are, hidden ones too, with what is blanked elsewhere. */
export const listAllNodes = read({path: '/api/admin/client/list', result: z.array(node)})

/** 3.1. The same as agents have to do with them: with their tokens. */
export const listAgents = read({path: '/api/admin/client/list', result: z.array(agentNode)})

/** 3.1. Names are not unique: each call makes a node. */
export const addNode = endpoint({
  method: 'POST',
  path: '/api/admin/client/add',
  body: z.object({name: z.string()}),
  result: z.looseObject({uuid: z.string(), token: z.string()}),
  retry: 'never',
  lookWith: 'komari node list',
})

/** 3.1. What is left out stays. A success also where there is no such node. */
export const editNode = endpoint({
  method: 'POST',
  path: '/api/admin/client/:uuid/edit',
  body: z.record(z.string(), z.unknown()),
  result: z.unknown(),
  retry: 'never',
  lookWith: 'komari node list',
})

/** 3.1. A success also where there is no such node; what its agent still sends is dropped. */
export const removeNode = endpoint({
  method: 'POST',
  path: '/api/admin/client/:uuid/remove',
  result: z.unknown(),
  retry: 'never',
  lookWith: 'komari node list',
})

/** 3.4, 7.7. Sent twice it runs twice. To none that is connected: HTTP 400, and no task. */
export const startTask = endpoint({
  method: 'POST',
  path: '/api/admin/task/exec',
  body: z.object({command: z.string(), clients: z.array(z.string())}),
  result: startedTask,
  retry: 'never',
  hides: ['command'],
  lookWith: 'komari rpc admin:getTasks',
})

/** 3.4, 7.7. What its nodes have answered so far. */
export const showTask = read({path: '/api/admin/task/:id', result: task})

/** 1.7. In no order. */
export const listNodes = read({path: '/api/nodes', result: z.array(node)})

/** 1.8. Nothing at all, up to 1.2.6, where no report came in the last minute. */
export const listReports = read({path: '/api/recent/:uuid', result: z.nullable(z.array(report))})

/** 1.9. `hours` as digits: the panel takes nothing else (trap 12). */
export const showLoad = read({
  path: '/api/records/load',
  query: z.object({
    uuid: z.string(),
    hours: z.optional(z.number()),
    load_type: z.optional(z.string()),
  }),
  result: loadHistoryResult,
})

/** 1.10. A bad `hours` silently becomes 4 there (trap 12). */
export const showPings = read({
  path: '/api/records/ping',
  query: z.object({
    uuid: z.optional(z.string()),
    task_id: z.optional(z.number()),
    hours: z.optional(z.number()),
  }),
  result: pingHistoryResult,
})

/** 1.10. Since 1.0.7, and for guests too. */
export const listTasks = read({
  path: '/api/task/ping',
  result: z.nullable(z.array(z.looseObject({id: z.number(), name: z.string()}))),
})

/**
 * 1.11. `get` is the one question that every version knows. The handshake needs an `Origin` that equals `Host` (0.5, traps 6
 * and 34), and a panel that goes down sends no Close frame (trap 35).
 */
export const liveFeed = channel({path: '/api/clients', result: feed})

const rpcRequest = z.looseObject({
  jsonrpc: z.literal('2.0'),
  method: z.string(),
  id: z.optional(z.unknown()),
  params: z.optional(z.unknown()),
})

const rpc = {
  method: 'POST',
  path: '/api/rpc2',
  body: z.union([rpcRequest, z.array(rpcRequest)]),
  result: z.unknown(),
  lookWith: 'komari rpc rpc.methods',
} as const

/** 2.1. A method that only reads may be called again. */
export const askRpc = endpoint({...rpc, retry: 'reads'})
/** Who one is: 1.1.8 would be asked in vain as often as a read is repeated. */
export const askAccount = endpoint({...rpc, retry: 'reads', once: true})
export const callRpc = endpoint({...rpc, retry: 'never'})

/** A call that writes, with the command that shows whether it was done. */
export function rpcEndpoint(lookWith: string) {
  return endpoint({...rpc, retry: 'never', lookWith})
}

/** 2.4. */
export const askLatestStatus = endpoint({...rpc, result: latestStatus, retry: 'reads'})
