import type {Answer, Handler, SandboxRequest} from '../answer.js'
import {invalidTarget, json, slashRedirect, text} from '../go/answers.js'
import {firstHeader} from '../go/headers.js'
import {NoNumber} from '../go/json.js'
import {parseTarget, type Target} from '../go/query.js'
import {shuffled} from '../random.js'
import {behind, Router, type Routes} from '../router.js'
import {isAuthorized, knowsViewPassword} from './auth.js'
import type {Features} from './features.js'
import type {NezhaServer} from './fleet.js'
import {notFoundPage} from './page.js'
import {madePings, withinWindow} from './pings.js'
import {register} from './register.js'
import {type MonitorHistory, renderDetails, renderList, renderMonitors} from './render.js'
import type {NezhaState} from './state.js'

interface Call {
  readonly request: SandboxRequest
  readonly target: Target
  /** The parts of the path that the route names. */
  readonly path: Readonly<Record<string, string>>
  readonly state: NezhaState
}

type Handle = (call: Call) => Answer | 'stall'

/** The routes compare the decoded path exactly: no other case, no doubled slash, no dots (contracts/nezha.md 1.1). */
function routesOf({monitor, register: registers}: Features): Routes<Handle> {
  return {
    ...behind(authorized, {
      'GET /api/v1/server/list': listServers,
      'GET /api/v1/server/details': showDetails,
      ...(registers && {'POST /api/v1/server/register': registerServer}),
    }),
    ...(monitor && {'GET /api/v1/monitor/:id': showMonitors}),
  }
}

/** What an emulated dashboard answers: its routes, redirects for a trailing slash, and an HTML page. */
export function nezhaHandler(state: NezhaState): Handler {
  const router = new Router(routesOf(state.features))
  return request => {
    const target = parseTarget(request.path)
    if (!target) return invalidTarget
    if (state.natDomains.has(firstHeader(request.rawHeaders, 'host'))) {
      return text(200, 'server not found or not connected')
    }
    const found = router.find(request.method, target.path)
    if (found) return found.handle({request, target, path: found.path, state})
    return slashRedirect(request, target, router) ?? notFound(state)
  }
}

/** Unknown paths and wrong methods alike: there is no 405 (1.1). Node leaves the body off for HEAD. */
function notFound({features, brand, language}: NezhaState): Answer {
  return {
    status: 404,
    headers: {'Content-Type': 'text/html; charset=utf-8'},
    body: notFoundPage(features.version, brand, language),
    chunked: true,
  }
}

/** HTTP 200, and the same words for a missing and for a wrong credential (1.2). */
function authorized(handle: Handle): Handle {
  return call => {
    const {state} = call
    if (!isAuthorized(call.request, state)) return json(200, '{"code":403,"message":"访问此接口需要认证"}')
    const answer = handle(call)
    // The deadlocked panel has written its server all the same (1.7).
    return state.wedged ? 'stall' : answer
  }
}

function listServers({target, state}: Call): Answer {
  const tag = target.query.get('tag')
  const servers = tag ? state.tagged(tag) : shuffled(state.servers.values(), state.random)
  return json(200, renderList(servers, state.features, state.now()))
}

function showDetails(call: Call): Answer {
  const {features, now} = call.state
  const {servers, ordering} = selectDetails(call)
  try {
    return json(200, renderDetails(servers, features, ordering, now()))
  } catch (error) {
    // When the encoder fails, gin has already sent status and content type.
    if (error instanceof NoNumber) return json(200, '')
    throw error
  }
}

/** As coded: tag, else id, else everything; the documentation has it the other way round (1.4, 1.8). */
function selectDetails({target, state}: Call) {
  const [tag, ids] = [target.query.get('tag'), target.query.get('id')]
  if (tag) return {servers: state.tagged(tag), ordering: 'constant'} as const
  if (ids) {
    const servers = ids.split(',').flatMap(id => findServer(id, state) ?? [])
    return {servers, ordering: 'constant'} as const
  }
  return {servers: shuffled(state.servers.values(), state.random), ordering: 'real'} as const
}

/** Ids that are no numbers or unknown are dropped without a word; leading zeros are fine (1.4). */
function findServer(id: string, state: NezhaState): NezhaServer | undefined {
  return /^\d+$/.test(id) ? state.servers.get(Number(id)) : undefined
}

const maximumId = 2n ** 64n - 1n

function showMonitors({request, path, state}: Call): Answer {
  const {features} = state
  const isKnown =
    isAuthorized(request, state) || (features.monitorAsksViewPassword && knowsViewPassword(request, state))
  if (features.monitorAsksViewPassword && state.viewPassword !== undefined && !isKnown) {
    return json(200, '{"code":403,"message":"访问受限"}')
  }
  const {id = ''} = path
  if (!/^\d+$/.test(id) || BigInt(id) > maximumId) return json(400, '{"code":400,"message":"id参数错误"}')
  const server = findServer(id, state)
  if (!server) return json(404, '{"code":404,"message":"id不存在"}')
  if (server.hidden && !isKnown && features.monitorHidesServers) {
    return json(403, '{"code":403,"message":"需要认证"}')
  }
  if (state.databaseLock === 'everything') {
    return json(200, '{"code":500,"message":"database is locked","result":null}')
  }
  const histories = historiesOf(server, state)
  // A row of a monitor that is gone makes the handler panic (1.5).
  return histories ? json(200, renderMonitors(histories)) : {status: 500}
}

/** By ascending monitor, those with rows in the window; `undefined` when a row has no monitor. */
function historiesOf(server: NezhaServer, state: NezhaState): MonitorHistory[] | undefined {
  const now = state.now()
  const set = state.pingsSetFor(server.id)
  const ids = new Set([...state.monitors.keys(), ...(set?.keys() ?? [])])
  const histories: MonitorHistory[] = []
  for (const monitorId of [...ids].sort((one, other) => one - other)) {
    const monitor = state.monitors.get(monitorId)
    const made = set || monitor?.type === 'http' ? [] : madePings(server, monitor, now)
    const pings = set ? withinWindow(set.get(monitorId) ?? [], now) : made
    if (pings.length === 0) continue
    if (!monitor) return undefined
    histories.push({monitorId, monitorName: monitor.name, server, pings})
  }
  return histories
}

function registerServer({request, target, state}: Call): Answer {
  return register(request, target.query.get('simple'), state)
}
