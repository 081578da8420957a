import type {Answer, Handler, SandboxRequest} from '../answer.js'
import {cookieValue} from '../go/headers.js'
import {goJson} from '../go/json.js'
import {json} from '../go/json-answer.js'
import {parseTarget, type Target} from '../go/query.js'
import type {Conversation, Upgrade} from '../websocket.js'
import {agentRpc, pingResult, pingTasks, postReport, register, uploadBasicInfo} from './agent-routes.js'
import {failure, socketFailure, success} from './answers.js'
import type {Features} from './features.js'
import {agentSocket, liveFeed, rpcSocket} from './feed.js'
import {answerGuide, isShared} from './guide.js'
import {type Caller, identify, isAdmin} from './identity.js'
import {disableTwoFactor, enableTwoFactor, login, logout, oauth, oauthCallback, updateUser} from './login.js'
import {methods} from './methods.js'
import {crossOrigin, mayUpgrade} from './origin.js'
import {notFound, page, redirect} from './page.js'
import {isGated, isPrivateFor} from './privacy.js'
import {answerRpc, invoke} from './rpc.js'
import {Panic, RpcError, statusOf} from './rpc-error.js'
import {textSetting} from './settings.js'
import type {KomariState} from './state.js'

interface Call {
  readonly request: SandboxRequest
  readonly target: Target
  /** The parts of the path that a route names. */
  readonly path: Readonly<Record<string, string>>
  readonly caller: Caller
  readonly state: KomariState
  /** The request asks for a WebSocket. */
  readonly upgrading: boolean
}

type Outcome = Answer | Conversation

interface Route {
  readonly method: string
  /** With `:name` for a part; a slash at the end is part of it (contracts/komari.md 0.6). */
  readonly path: string
  /** Who may, besides everybody. */
  readonly for?: 'admin' | 'agent'
  readonly since?: (features: Features) => boolean
  readonly handle: (call: Call) => Outcome
}

/** How a route shows what its method gave (0.4). */
type Shape = 'standard' | 'flat' | 'raw'

/** A route that is a method behind a bridge: body, query and path make its parameters (0.4). */
function bridged(method: string, shape: Shape = 'standard'): Route['handle'] {
  return call => {
    const {state, caller} = call
    const params = parametersOf(call)
    if (params === undefined) return bridgeFailure(400, 'Invalid or missing request body')
    const result = state.features.bridge
      ? invoke(method, params, caller, state)
      : methods.get(method)?.({params, caller, state})
    if (shape === 'raw') return json(200, goJson(result))
    if (shape === 'flat') return json(200, goJson({status: 'success', ...(result as object)}))
    return success(result, state.features)
  }
}

function bridgeFailure(status: number, message: string): Answer {
  return json(status, goJson({message, status: 'error'}))
}

/** Path and query win over the body; `undefined` when there is a body that is no JSON, on GET too since 1.2.5. */
function parametersOf({request, target, path, state}: Call): Record<string, unknown> | undefined {
  const params: Record<string, unknown> = {}
  if (request.body !== '' && (request.method !== 'GET' || state.features.bridge)) {
    try {
      const body: unknown = JSON.parse(request.body)
      // A list counts as nothing at all.
      if (typeof body === 'object' && body !== null && !Array.isArray(body)) Object.assign(params, body)
    } catch {
      return undefined
    }
  }
  for (const [name, value] of target.query) if (value !== '') params[name] = value
  return {...params, ...path}
}

const has = (feature: keyof Features) => (features: Features) => Boolean(features[feature])

const routes: readonly Route[] = [
  {method: 'GET', path: '/api/me', handle: bridged('public:getMe', 'raw')},
  {method: 'GET', path: '/api/public', handle: bridged('public:getPublicSettings')},
  {method: 'GET', path: '/api/version', handle: bridged('public:getVersion')},
  {method: 'GET', path: '/api/nodes', handle: bridged('public:getNodesInformation')},
  {method: 'GET', path: '/api/recent/:uuid', handle: bridged('public:getClientRecentRecords')},
  {method: 'GET', path: '/api/records/load', handle: bridged('public:getRecordsByUUID')},
  {method: 'GET', path: '/api/records/ping', handle: bridged('public:getPingRecords')},
  {method: 'GET', path: '/api/task/ping', since: has('common'), handle: bridged('public:getPublicPingTasks')},
  {method: 'POST', path: '/api/login', handle: ({request, state}) => login(request, state)},
  {method: 'GET', path: '/api/logout', handle: ({request, state}) => logout(request, state)},
  {method: 'GET', path: '/api/oauth', handle: ({state}) => oauth(state)},
  {method: 'GET', path: '/api/oauth_callback', handle: oauthCallback},
  {method: 'GET', path: '/api/clients', handle: clients},
  {method: 'GET', path: '/api/rpc2', since: has('common'), handle: rpcUpgrade},
  {method: 'POST', path: '/api/rpc2', since: has('common'), handle: postRpc},

  {method: 'POST', path: '/api/admin/client/add', for: 'admin', handle: bridged('admin:addClient', 'flat')},
  {method: 'GET', path: '/api/admin/client/list', for: 'admin', handle: bridged('admin:listClients', 'raw')},
  {method: 'POST', path: '/api/admin/client/order', for: 'admin', handle: bridged('admin:orderClients')},
  {method: 'GET', path: '/api/admin/client/:uuid', for: 'admin', handle: bridged('admin:getClient', 'raw')},
  {method: 'POST', path: '/api/admin/client/:uuid/edit', for: 'admin', handle: bareVoid('admin:editClient')},
  {
    method: 'POST',
    path: '/api/admin/client/:uuid/remove',
    for: 'admin',
    handle: bareVoid('admin:removeClient'),
  },
  {method: 'GET', path: '/api/admin/client/:uuid/token', for: 'admin', handle: clientToken},
  {method: 'GET', path: '/api/admin/ping/', for: 'admin', handle: bridged('admin:getAllPingTasks')},
  {method: 'POST', path: '/api/admin/ping/add', for: 'admin', handle: bridged('admin:addPingTask')},
  {method: 'POST', path: '/api/admin/ping/edit', for: 'admin', handle: bridged('admin:editPingTask')},
  {method: 'POST', path: '/api/admin/ping/delete', for: 'admin', handle: bridged('admin:deletePingTask')},
  {method: 'POST', path: '/api/admin/ping/order', for: 'admin', handle: bridged('admin:orderPingTask')},
  {method: 'GET', path: '/api/admin/settings/', for: 'admin', handle: bridged('admin:getSettings')},
  {method: 'POST', path: '/api/admin/settings/', for: 'admin', handle: bridged('admin:editSettings')},
  {method: 'GET', path: '/api/admin/session/get', for: 'admin', handle: bridged('admin:getSessions', 'flat')},
  {method: 'POST', path: '/api/admin/session/remove', for: 'admin', handle: bridged('admin:deleteSession')},
  {
    method: 'POST',
    path: '/api/admin/session/remove/all',
    for: 'admin',
    handle: bridged('admin:deleteAllSessions'),
  },
  {method: 'GET', path: '/api/admin/logs', for: 'admin', handle: bridged('admin:getLogs')},
  {
    method: 'POST',
    path: '/api/admin/2fa/enable',
    for: 'admin',
    handle: ({request, target, state}) => enableTwoFactor(request, target, state),
  },
  {
    method: 'POST',
    path: '/api/admin/2fa/disable',
    for: 'admin',
    handle: ({request, target, caller, state}) => disableTwoFactor(request, target, caller, state),
  },
  {
    method: 'POST',
    path: '/api/admin/update/user',
    for: 'admin',
    handle: ({request, state}) => updateUser(request.body, state),
  },

  {
    method: 'POST',
    path: '/api/clients/register',
    since: has('apiKey'),
    handle: ({request, target, state}) => register(request, target, state),
  },
  {method: 'GET', path: '/api/clients/report', for: 'agent', handle: agentUpgrade},
  {
    method: 'POST',
    path: '/api/clients/report',
    for: 'agent',
    handle: ({request, caller, state}) => postReport(request, caller, state),
  },
  {
    method: 'POST',
    path: '/api/clients/uploadBasicInfo',
    for: 'agent',
    handle: ({request, caller, state}) => uploadBasicInfo(request, caller, state),
  },
  {
    method: 'GET',
    path: '/api/clients/ping/tasks',
    for: 'agent',
    handle: ({caller, state}) => pingTasks(caller, state),
  },
  {
    method: 'POST',
    path: '/api/clients/ping/result',
    for: 'agent',
    handle: ({request, caller, state}) => pingResult(request, caller, state),
  },
  {
    method: 'POST',
    path: '/api/clients/v2/rpc',
    for: 'agent',
    since: has('physicalCores'),
    handle: ({request, caller, state}) => agentRpc(request, caller, state),
  },
]

/** 1.1.8 answers these without a message (1.14). */
function bareVoid(method: string): Route['handle'] {
  const handle = bridged(method)
  return call => {
    const answer = handle(call)
    return call.state.features.bridge || !('status' in answer) || answer.status !== 200
      ? answer
      : json(200, goJson({status: 'success'}))
  }
}

function clientToken(call: Call): Outcome {
  const answer = bridged('admin:getClientToken', 'flat')(call)
  if (call.state.features.bridge || !('body' in answer)) return answer
  // 1.1.8 has a colon in the key (1.14).
  return json(200, goJson({'message:': '', ...JSON.parse(String(answer.body))}))
}

function clients({request, target, state, upgrading}: Call): Outcome {
  if (!upgrading) return socketFailure(400, 'Require WebSocket upgrade')
  return mayUpgrade(request, target, state) ? liveFeed(request, state) : forbidden
}

function rpcUpgrade({request, target, caller, state, upgrading}: Call): Outcome {
  if (!upgrading) return socketFailure(400, 'Failed to upgrade to WebSocket.require websocket upgrade')
  return mayUpgrade(request, target, state) ? rpcSocket(caller, state) : forbidden
}

function agentUpgrade({request, target, caller, state, upgrading}: Call): Outcome {
  if (!upgrading) return socketFailure(400, 'Require WebSocket upgrade')
  if (!mayUpgrade(request, target, state)) return forbidden
  return caller.kind === 'agent' ? agentSocket(caller.node, state) : failure(401, 'Unauthorized.')
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

function postRpc({request, caller, state}: Call): Outcome {
  const {status, body} = answerRpc(request.body, caller, state)
  return json(status, body)
}

interface Found {
  readonly route: Route
  readonly path: Readonly<Record<string, string>>
}

const patterns = routes.map(route => {
  const names = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name ?? '')
  const expression = new RegExp(`^${route.path.replaceAll(/:\w+/g, '([^/]+)')}$`)
  return {route, names, expression}
})

function find(method: string, path: string, features: Features): Found | undefined {
  for (const {route, names, expression} of patterns) {
    if (route.method !== method || route.since?.(features) === false) continue
    const match = expression.exec(path)
    if (match)
      return {route, path: Object.fromEntries(names.map((name, index) => [name, match[index + 1] ?? '']))}
  }
  return undefined
}

/** To the same path with the slash that is missing, or without the one too many; before any check (0.6). */
function slashRedirect(
  request: SandboxRequest,
  {path, rawQuery}: Target,
  features: Features,
): Answer | undefined {
  const other = path.endsWith('/') ? path.slice(0, -1) : `${path}/`
  if (!find(request.method, other, features)) return undefined
  const location = encodeURI(other) + (rawQuery === '' ? '' : `?${rawQuery}`)
  return redirect(request.method === 'GET' ? 301 : 307, location, request.method)
}

/** What an emulated Komari answers. Requests to upgrade get a conversation where the panel would open one. */
export function komariHandler(state: KomariState): {handler: Handler; upgrade: Upgrade} {
  return {
    handler: request => {
      const outcome = answer(request, false, state)
      return 'reply' in outcome ? {status: 500} : outcome
    },
    upgrade: request => answer(request, true, state),
  }
}

const invalidTarget: Answer = {
  status: 400,
  headers: {'Content-Type': 'text/plain; charset=utf-8'},
  body: '400 Bad Request',
}

function answer(request: SandboxRequest, upgrading: boolean, state: KomariState): Outcome {
  const target = parseTarget(request.path)
  // Go's server answers this itself, before any route.
  if (!target) return invalidTarget
  const {path} = target
  const {mode, features} = state
  if (mode !== 'normal' && !isShared(path, mode)) {
    return withHeaders(answerGuide(request, target, state, mode), noStore(path))
  }
  if (path === '/ping') {
    return {status: 200, headers: {'Content-Type': 'text/plain; charset=utf-8'}, body: 'pong'}
  }
  const found = find(request.method, path, features)
  const redirected = found ? undefined : slashRedirect(request, target, features)
  if (redirected) return redirected
  const cors = crossOrigin(request, path, state)
  if (cors === 'refused') return {status: 403}
  if (request.method === 'OPTIONS' && 'Access-Control-Allow-Origin' in cors) {
    return {status: 204, headers: cors}
  }
  const caller = identify(request, target, state)
  touch(caller, state)
  const closed = isGated(path) ? privateRefusal(request, caller, state) : undefined
  if (closed) return withHeaders(closed, cors)
  const outcome = found
    ? handled(found.route, {request, target, path: found.path, caller, state, upgrading})
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
  const {session} = caller
  state.sessions.set(session.token, {...session, latestOnline: state.instant(), latestIp: '127.0.0.1'})
}

/** The first of the two gates of a private site (0.3). */
function privateRefusal(request: SandboxRequest, caller: Caller, state: KomariState): Answer | undefined {
  const {settings, features} = state
  if (caller.kind === 'guest' && typeof settings.private_site !== 'boolean') {
    return failure(500, 'Failed to get configuration.')
  }
  if (!isPrivateFor(caller, state)) return undefined
  const hasCookie = cookieValue(request.rawHeaders, 'session_token') !== ''
  const message =
    !features.bridge && hasCookie ? 'Unauthorized.' : 'Private site is enabled, please login first.'
  return failure(401, message)
}

function handled(route: Route, call: Call): Outcome {
  const {caller, state} = call
  if (route.for === 'admin' && !isAdmin(caller)) return failure(401, 'Unauthorized.')
  if (route.for === 'agent' && caller.kind !== 'agent' && !(isAdmin(caller) && state.features.auditsKeys)) {
    return agentRefusal(call)
  }
  try {
    return route.handle(call)
  } catch (error) {
    if (error instanceof Panic) return {status: 500}
    if (error instanceof RpcError) return bridgeFailure(statusOf(error), error.message)
    throw error
  }
}

/** Up to 1.1.8 these routes have words and a shape of their own (1.14). */
function agentRefusal({target, state}: Call): Answer {
  if (state.features.auditsKeys) return failure(401, 'Unauthorized.')
  return socketFailure(401, target.query.get('token') ? 'invalid token' : 'token is required')
}

/** The web page for every GET, whatever its path; opening it with the key of a share sets its cookie (0.3, 0.4). */
function unknownPath(request: SandboxRequest, {query}: Target, {settings, features}: KomariState): Answer {
  if (request.method !== 'GET') return notFound
  const shown = page(textSetting(settings, 'sitename'), textSetting(settings, 'description'))
  const key = query.get('temp_key')
  if (!features.temporaryShare || !key || key !== settings.tempory_share_token) return shown
  return withHeaders(shown, {'Set-Cookie': `temp_key=${key}; Path=/; Max-Age=3600`})
}
