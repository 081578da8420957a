import type {Answer, Handler, SandboxRequest} from '../answer.js'
import {invalidTarget, json, slashRedirect, text} from '../go/answers.js'
import {goJson} from '../go/json.js'
import {parseTarget, type Target} from '../go/query.js'
import {textIn} from '../json-object.js'
import {behind, Router, type Routes} from '../router.js'
import type {Upgrade} from '../websocket.js'
import {agentRpc, pingResult, pingTasks, postReport, register, uploadBasicInfo} from './agent-routes.js'
import {failure, socketFailure} from './answers.js'
import {bareVoid, bridged, bridgeFailure, clientToken} from './bridge.js'
import type {Call, Handle} from './call.js'
import type {Features} from './features.js'
import {agentSocket, liveFeed} from './feed.js'
import {answerGuide, isShared} from './guide.js'
import {type Caller, identify, isAdmin} from './identity.js'
import {disableTwoFactor, enableTwoFactor, login, logout, oauth, oauthCallback, updateUser} from './login.js'
import {crossOrigin, mayUpgrade} from './origin.js'
import {notFound, sitePage} from './page.js'
import {privateRefusal} from './privacy.js'
import {answerFrame, answerRpc} from './rpc.js'
import {Panic, RpcError, statusOf} from './rpc-error.js'
import type {KomariState} from './state.js'

const everybody: Routes<Handle> = {
  'GET /api/me': bridged('public:getMe', 'raw'),
  'GET /api/public': bridged('public:getPublicSettings'),
  'GET /api/version': bridged('public:getVersion'),
  'GET /api/nodes': bridged('public:getNodesInformation'),
  'GET /api/recent/:uuid': bridged('public:getClientRecentRecords'),
  'GET /api/records/load': bridged('public:getRecordsByUUID'),
  'GET /api/records/ping': bridged('public:getPingRecords'),
  'POST /api/login': login,
  'GET /api/logout': logout,
  'GET /api/oauth': oauth,
  'GET /api/oauth_callback': oauthCallback,
  'GET /api/clients': socket('Require WebSocket upgrade', ({request, state}) => liveFeed(request, state)),
}

const admins: Routes<Handle> = {
  'POST /api/admin/client/add': bridged('admin:addClient', 'flat'),
  'GET /api/admin/client/list': bridged('admin:listClients', 'raw'),
  'POST /api/admin/client/order': bridged('admin:orderClients'),
  'GET /api/admin/client/:uuid': bridged('admin:getClient', 'raw'),
  'POST /api/admin/client/:uuid/edit': bareVoid('admin:editClient'),
  'POST /api/admin/client/:uuid/remove': bareVoid('admin:removeClient'),
  'GET /api/admin/client/:uuid/token': clientToken,
  'GET /api/admin/ping/': bridged('admin:getAllPingTasks'),
  'POST /api/admin/ping/add': bridged('admin:addPingTask'),
  'POST /api/admin/ping/edit': bridged('admin:editPingTask'),
  'POST /api/admin/ping/delete': bridged('admin:deletePingTask'),
  'GET /api/admin/settings/': bridged('admin:getSettings'),
  'POST /api/admin/settings/': bridged('admin:editSettings'),
  'GET /api/admin/settings/message-sender': bridged('admin:getMessageSenderProvider'),
  'POST /api/admin/settings/message-sender': bridged('admin:setMessageSenderProvider'),
  'GET /api/admin/settings/oidc': bridged('admin:getOidcProvider'),
  'POST /api/admin/settings/oidc': bridged('admin:setOidcProvider'),
  'POST /api/admin/test/sendMessage': bridged('admin:testSendMessage'),
  'GET /api/admin/notification/offline': bridged('admin:listOfflineNotifications'),
  'POST /api/admin/notification/offline/edit': bridged('admin:editOfflineNotification'),
  'POST /api/admin/notification/offline/enable': bridged('admin:enableOfflineNotification'),
  'POST /api/admin/notification/offline/disable': bridged('admin:disableOfflineNotification'),
  'GET /api/admin/notification/load/': bridged('admin:getAllLoadNotifications'),
  'POST /api/admin/notification/load/add': bridged('admin:addLoadNotification'),
  'POST /api/admin/notification/load/edit': bridged('admin:editLoadNotification'),
  'POST /api/admin/notification/load/delete': bridged('admin:deleteLoadNotification'),
  'POST /api/admin/record/clear': bridged('admin:clearRecords'),
  'POST /api/admin/record/clear/all': bridged('admin:clearAllRecords'),
  'GET /api/admin/session/get': bridged('admin:getSessions', 'flat'),
  'POST /api/admin/session/remove': bridged('admin:deleteSession'),
  'POST /api/admin/session/remove/all': bridged('admin:deleteAllSessions'),
  'POST /api/admin/task/exec': bridged('admin:exec'),
  'GET /api/admin/task/all': bridged('admin:getTasks'),
  'GET /api/admin/task/client/:uuid': bridged('admin:getTasksByClientId'),
  'GET /api/admin/task/:task_id': bridged('admin:getTaskById'),
  'GET /api/admin/task/:task_id/result': bridged('admin:getTaskResultsByTaskId'),
  'GET /api/admin/task/:task_id/result/:uuid': bridged('admin:getSpecificTaskResult'),
  'GET /api/admin/logs': bridged('admin:getLogs'),
  'POST /api/admin/2fa/enable': enableTwoFactor,
  'POST /api/admin/2fa/disable': disableTwoFactor,
  'POST /api/admin/update/user': updateUser,
}

/** Since 1.2.1; 1.5 has them no more (contracts/komari.md 3.6). */
const trafficReports: Routes<Handle> = {
  'GET /api/admin/notification/traffic-report/': bridged('admin:listTrafficReportNotifications'),
  'POST /api/admin/notification/traffic-report/edit': bridged('admin:editTrafficReportNotifications'),
  'POST /api/admin/notification/traffic-report/enable': bridged('admin:enableTrafficReportNotifications'),
  'POST /api/admin/notification/traffic-report/disable': bridged('admin:disableTrafficReportNotifications'),
}

const agents: Routes<Handle> = {
  'GET /api/clients/report': socket('Require WebSocket upgrade', ({caller, state}) =>
    caller.kind === 'agent' ? agentSocket(caller.node, state) : failure(401, 'Unauthorized.'),
  ),
  'POST /api/clients/report': postReport,
  'POST /api/clients/uploadBasicInfo': uploadBasicInfo,
  'GET /api/clients/ping/tasks': pingTasks,
  'POST /api/clients/ping/result': pingResult,
}

/** A slash at the end of a path is part of it (contracts/komari.md 0.6). */
function routesOf({common, apiKey, physicalCores, cors}: Features): Routes<Handle> {
  return {
    ...everybody,
    ...(common && {
      'GET /api/task/ping': bridged('public:getPublicPingTasks'),
      'GET /api/rpc2': socket('Failed to upgrade to WebSocket.require websocket upgrade', ({caller, state}) =>
        // One request a frame, in order, identity fixed (2.1).
        ({reply: frame => [answerFrame(frame, caller, state)]}),
      ),
      'POST /api/rpc2': postRpc,
    }),
    ...(apiKey && {'POST /api/clients/register': register}),
    ...behind(forAdmins, {
      ...admins,
      ...(physicalCores && trafficReports),
      ...(cors && {'POST /api/admin/ping/order': bridged('admin:orderPingTask')}),
    }),
    ...behind(forAgents, {...agents, ...(physicalCores && {'POST /api/clients/v2/rpc': agentRpc})}),
  }
}

function forAdmins(handle: Handle): Handle {
  return call => (isAdmin(call.caller) ? handle(call) : failure(401, 'Unauthorized.'))
}

function forAgents(handle: Handle): Handle {
  return call => {
    const {caller, target, state} = call
    if (caller.kind === 'agent') return handle(call)
    if (state.features.auditsKeys) return isAdmin(caller) ? handle(call) : failure(401, 'Unauthorized.')
    // Up to 1.1.8 these routes have words and a shape of their own (1.14).
    return socketFailure(401, target.query.get('token') ? 'invalid token' : 'token is required')
  }
}

/** A route that is a WebSocket, for who may open one from where the request says it comes from. */
function socket(withoutUpgrade: string, open: Handle): Handle {
  return call => {
    if (!call.upgrading) return socketFailure(400, withoutUpgrade)
    return mayUpgrade(call.request, call.target, call.state) ? open(call) : forbidden
  }
}

/** Two answers in one body, as Gorilla's upgrader and the handler after it leave them (0.5). */
const forbidden: Answer = {
  status: 403,
  headers: {
    'Content-Type': 'text/plain; charset=utf-8',
    'Sec-Websocket-Version': '13',
    'X-Content-Type-Options': 'nosniff',
  },
  body: `Forbidden\n${goJson({
    error: 'Failed to upgrade to WebSocket.websocket: request origin not allowed by Upgrader.CheckOrigin',
    status: 'error',
  })}`,
}

function postRpc({request, caller, state}: Call): Answer {
  const {status, body} = answerRpc(request.body, caller, state)
  return json(status, body)
}

/** What an emulated Komari answers. Requests to upgrade get a conversation where the panel would open one. */
export function komariHandler(state: KomariState): {handler: Handler; upgrade: Upgrade} {
  const router = new Router(routesOf(state.features))
  return {
    handler: request => {
      const outcome = answer(request, false, router, state)
      return 'reply' in outcome ? {status: 500} : outcome
    },
    upgrade: request => answer(request, true, router, state),
  }
}

function answer(
  request: SandboxRequest,
  upgrading: boolean,
  router: Router<Handle>,
  state: KomariState,
): ReturnType<Handle> {
  const target = parseTarget(request.path)
  if (!target) return invalidTarget
  const {path} = target
  const {mode} = state
  if (mode !== 'normal' && !isShared(path, mode)) {
    return withHeaders(answerGuide(request, target, state, mode), noStore(path))
  }
  // Whatever the method.
  if (path === '/ping') return text(200, 'pong')
  const found = router.find(request.method, path)
  const redirected = found ? undefined : slashRedirect(request, target, router)
  if (redirected) return redirected
  const cors = crossOrigin(request, path, state)
  if (cors === 'refused') return {status: 403}
  if (request.method === 'OPTIONS' && 'Access-Control-Allow-Origin' in cors) {
    return {status: 204, headers: cors}
  }
  const caller = identify(request, target, state)
  touch(caller, state)
  const closed = privateRefusal(request, path, caller, state)
  if (closed) return withHeaders(closed, cors)
  const outcome = found
    ? handled(found.handle, {request, target, path: found.path, caller, state, upgrading})
    : unknownPath(request, target, state)
  return 'reply' in outcome ? outcome : withHeaders(outcome, {...cors, ...noStore(path)})
}

/** Answers cut off before the last middleware do not have it (0.1). */
function noStore(path: string): Record<string, string> {
  return path.startsWith('/api') ? {'Cache-Control': 'no-store'} : {}
}

function withHeaders(answer: Answer, headers: Readonly<Record<string, string>>): Answer {
  return {...answer, headers: {...headers, ...answer.headers}}
}

/** Each request of a session is noted (0.2). */
function touch(caller: Caller, state: KomariState): void {
  if (caller.kind !== 'session') return
  Object.assign(caller.session, {latest_online: state.instant(), latest_ip: '127.0.0.1'})
}

function handled(handle: Handle, call: Call): ReturnType<Handle> {
  try {
    return handle(call)
  } catch (error) {
    if (error instanceof Panic) return {status: 500}
    if (error instanceof RpcError) return bridgeFailure(statusOf(error), error.message)
    throw error
  }
}

/** The web page for every GET, whatever its path; opening it with the key of a share sets its cookie (0.3, 0.4). */
function unknownPath(request: SandboxRequest, {query}: Target, {settings, features}: KomariState): Answer {
  if (request.method !== 'GET') return notFound
  const shown = sitePage(textIn(settings, 'sitename'), textIn(settings, 'description'))
  const key = query.get('temp_key')
  if (!features.temporaryShare || !key || key !== settings.tempory_share_token) return shown
  return withHeaders(shown, {'Set-Cookie': `temp_key=${key}; Path=/; Max-Age=3600`})
}
