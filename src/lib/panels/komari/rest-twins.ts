import * as z from 'zod/mini'
import type {Api} from '../../http/client.js'
import type {callRpc} from './endpoints.js'
import {endpoint} from './panel.js'

/** Routes that take and give what methods do (contracts/komari.md 3), which below 1.2.5 are all that there is; `?` is before what a GET reads. */
const routes: Readonly<Record<string, `${'GET' | 'POST'} /api/admin/${string}`>> = {
  'admin:listClients': 'GET /api/admin/client/list',
  'admin:orderClients': 'POST /api/admin/client/order',
  'admin:getAllPingTasks': 'GET /api/admin/ping/',
  'admin:addPingTask': 'POST /api/admin/ping/add',
  'admin:editPingTask': 'POST /api/admin/ping/edit',
  'admin:deletePingTask': 'POST /api/admin/ping/delete',
  'admin:listOfflineNotifications': 'GET /api/admin/notification/offline',
  'admin:editOfflineNotification': 'POST /api/admin/notification/offline/edit',
  'admin:getAllLoadNotifications': 'GET /api/admin/notification/load/',
  'admin:addLoadNotification': 'POST /api/admin/notification/load/add',
  'admin:editLoadNotification': 'POST /api/admin/notification/load/edit',
  'admin:deleteLoadNotification': 'POST /api/admin/notification/load/delete',
  'admin:testSendMessage': 'POST /api/admin/test/sendMessage',
  'admin:getSettings': 'GET /api/admin/settings/',
  'admin:editSettings': 'POST /api/admin/settings/',
  'admin:getMessageSenderProvider': 'GET /api/admin/settings/message-sender',
  'admin:getOidcProvider': 'GET /api/admin/settings/oidc',
  'admin:getSessions': 'GET /api/admin/session/get',
  'admin:deleteSession': 'POST /api/admin/session/remove',
  // The type of entries is not read there (trap 56).
  'admin:getLogs': 'GET /api/admin/logs?limit&page',
}

/** Calls the route that does the same as a method with these parameters; undefined where there is none. `write` is how the method is called. */
export function callTwin(
  api: Api,
  method: string,
  params: unknown,
  write: typeof callRpc,
): Promise<unknown> | undefined {
  const [, verb, path = '', read = ''] = /^(\w+) ([^?]+)\??(.*)$/.exec(routes[method] ?? '') ?? []
  if (verb === 'POST') return api({...write, path, body: z.unknown()}, {body: params})
  const query = z.safeParse(z.record(z.string(), z.string()), params)
  const isRead = query.success && Object.keys(query.data).every(name => read.split('&').includes(name))
  if (verb !== 'GET' || !isRead) return undefined
  return api(endpoint({method: verb, path, query: z.unknown(), result: z.unknown(), retry: 'reads'}), {
    query: query.data,
  })
}
