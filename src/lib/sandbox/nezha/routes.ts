import type {Answer, Handler, SandboxRequest} from '../answer.js'
import {firstHeader} from '../go/headers.js'
import {json} from '../go/json-answer.js'
import {parseTarget, type Target} from '../go/query.js'
import type {Clock} from '../listen.js'
import {type Random, shuffled} from '../random.js'
import {isAuthorized, knowsViewPassword} from './auth.js'
import type {Features} from './features.js'
import {type Language, notFoundPage} from './page.js'
import {pingsOf, withinWindow} from './pings.js'
import {register} from './register.js'
import {type MonitorHistory, renderDetails, renderList, renderMonitors} from './render.js'
import type {NezhaServer, NezhaState} from './state.js'

export interface Dashboard {
  readonly state: NezhaState
  readonly features: Features
  readonly now: Clock
  readonly random: Random
  readonly brand: string
  readonly language: Language
}

interface Call {
  readonly request: SandboxRequest
  readonly target: Target
  readonly dashboard: Dashboard
}

type Route = (call: Call) => Answer | 'stall'

/** What an emulated dashboard answers: four routes, redirects for a trailing slash, and an HTML page. */
export function nezhaHandler(dashboard: Dashboard): Handler {
  return request => {
    const target = parseTarget(request.path)
    if (!target) {
      // Go's server answers this itself, before any route.
      return {status: 400, headers: {'Content-Type': 'text/plain; charset=utf-8'}, body: '400 Bad Request'}
    }
    if (dashboard.state.natDomains.has(firstHeader(request.rawHeaders, 'host'))) {
      const body = 'server not found or not connected'
      return {status: 200, headers: {'Content-Type': 'text/plain; charset=utf-8'}, body}
    }
    const route = findRoute(request.method, target.path, dashboard.features)
    if (route) return route({request, target, dashboard})
    return redirectFromSlash(request, target, dashboard.features) ?? notFound(dashboard)
  }
}

const monitorPath = /^\/api\/v1\/monitor\/([^/]+)$/

/** Routes compare the decoded path exactly: no other case, no doubled slash, no dots (1.1). */
function findRoute(method: string, path: string, features: Features): Route | undefined {
  if (method === 'POST') {
    return path === '/api/v1/server/register' && features.register ? registerServer : undefined
  }
  if (method !== 'GET') return undefined
  if (path === '/api/v1/server/list') return listServers
  if (path === '/api/v1/server/details') return showDetails
  return features.monitor && monitorPath.test(path) ? showMonitors : undefined
}

/** 301 for GET, 307 for the rest, to a path, before any authentication (1.1). */
function redirectFromSlash(request: SandboxRequest, target: Target, features: Features): Answer | undefined {
  if (!target.path.endsWith('/')) return undefined
  const path = target.path.slice(0, -1)
  if (!findRoute(request.method, path, features)) return undefined
  const prefix = firstHeader(request.rawHeaders, 'x-forwarded-prefix').replaceAll(/[^a-zA-Z0-9/-]/g, '')
  const clean = `/${prefix}/${path}`.replaceAll(/\/{2,}/g, '/')
  const location = encodeURI(clean) + (target.rawQuery === '' ? '' : `?${target.rawQuery}`)
  if (request.method !== 'GET') return {status: 307, headers: {Location: location}}
  const link = location.replaceAll('&', '&amp;').replaceAll('"', '&#34;')
  return {
    status: 301,
    headers: {Location: location, 'Content-Type': 'text/html; charset=utf-8'},
    body: `<a href="${link}">Moved Permanently</a>.\n\n`,
  }
}

/** Unknown paths and wrong methods alike: there is no 405 (1.1). Node leaves the body off for HEAD. */
function notFound({features, brand, language}: Dashboard): Answer {
  return {
    status: 404,
    headers: {'Content-Type': 'text/html; charset=utf-8'},
    body: notFoundPage(features.version, brand, language),
    chunked: true,
  }
}

/** HTTP 200, and the same words for a missing and for a wrong credential (1.2). */
function unauthorized({request, dashboard}: Call): Answer | undefined {
  if (isAuthorized(request, dashboard.state, dashboard.now())) return undefined
  return json(200, '{"code":403,"message":"访问此接口需要认证"}')
}

function listServers(call: Call): Answer | 'stall' {
  const {state, features, now, random} = call.dashboard
  const refusal = unauthorized(call)
  if (refusal) return refusal
  if (state.wedged) return 'stall'
  const tag = call.target.query.get('tag')
  const servers = tag ? state.tagged(tag) : shuffled(state.servers.values(), random)
  return json(200, renderList(servers, features, now()))
}

function showDetails(call: Call): Answer | 'stall' {
  const {state, features, now} = call.dashboard
  const refusal = unauthorized(call)
  if (refusal) return refusal
  if (state.wedged) return 'stall'
  const {servers, ordering} = selectDetails(call)
  // When the encoder fails, gin has already sent status and content type.
  return json(200, renderDetails(servers, features, ordering, now()) ?? '')
}

/** As coded: tag, else id, else everything; the documentation has it the other way round (1.4, 1.8). */
function selectDetails({target, dashboard}: Call) {
  const {state, random} = dashboard
  const [tag, ids] = [target.query.get('tag'), target.query.get('id')]
  if (tag) return {servers: state.tagged(tag), ordering: 'constant'} as const
  if (ids) {
    const servers = ids.split(',').flatMap(id => findServer(id, state) ?? [])
    return {servers, ordering: 'constant'} as const
  }
  return {servers: shuffled(state.servers.values(), random), ordering: 'real'} as const
}

/** Ids that are no numbers or unknown are dropped without a word; leading zeros are fine (1.4). */
function findServer(id: string, state: NezhaState): NezhaServer | undefined {
  return /^\d+$/.test(id) ? state.servers.get(Number(id)) : undefined
}

const maximumId = 2n ** 64n - 1n

function showMonitors({request, target, dashboard}: Call): Answer {
  const {state, features, now} = dashboard
  const authorized =
    isAuthorized(request, state, now()) ||
    (features.monitorAsksViewPassword && knowsViewPassword(request, state))
  if (features.monitorAsksViewPassword && state.viewPassword !== undefined && !authorized) {
    return json(200, '{"code":403,"message":"访问受限"}')
  }
  const id = monitorPath.exec(target.path)?.[1] ?? ''
  if (!/^\d+$/.test(id) || BigInt(id) > maximumId) return json(400, '{"code":400,"message":"id参数错误"}')
  const server = findServer(id, state)
  if (!server) return json(404, '{"code":404,"message":"id不存在"}')
  if (server.hidden && !authorized && features.monitorHidesServers) {
    return json(403, '{"code":403,"message":"需要认证"}')
  }
  if (state.databaseLock === 'everything') {
    return json(200, '{"code":500,"message":"database is locked","result":null}')
  }
  const histories = historiesOf(server, state, now())
  // A row of a monitor that is gone makes the handler panic (1.5).
  return histories ? json(200, renderMonitors(histories)) : {status: 500}
}

/** By ascending monitor, those with rows in the window; `undefined` when a row has no monitor. */
function historiesOf(server: NezhaServer, state: NezhaState, now: number): MonitorHistory[] | undefined {
  const set = state.pingsSetFor(server.id)
  const ids = new Set([...state.monitors.keys(), ...(set?.keys() ?? [])])
  const histories: MonitorHistory[] = []
  for (const monitorId of [...ids].sort((one, other) => one - other)) {
    const pings = set ? withinWindow(set.get(monitorId) ?? [], now) : madePings(server, monitorId, state, now)
    if (pings.length === 0) continue
    const monitor = state.monitors.get(monitorId)
    if (!monitor) return undefined
    histories.push({monitorId, monitorName: monitor.name, server, pings})
  }
  return histories
}

function madePings({id, agent}: NezhaServer, monitorId: number, state: NezhaState, now: number) {
  const monitor = state.monitors.get(monitorId)
  if (!monitor || monitor.type === 'http' || monitor.skipServers.has(id) || agent.kind !== 'machine')
    return []
  const connected = {from: agent.connectedAt, until: agent.disconnectedAt ?? Number.POSITIVE_INFINITY}
  return pingsOf(monitor, {id, seed: agent.machine.seed}, connected, now)
}

function registerServer(call: Call): Answer | 'stall' {
  const {request, target, dashboard} = call
  const refusal = unauthorized(call)
  if (refusal) return refusal
  const answer = register(request, target.query.get('simple'), dashboard.state)
  // The deadlocked panel has written its server all the same (1.7).
  return dashboard.state.wedged ? 'stall' : answer
}
