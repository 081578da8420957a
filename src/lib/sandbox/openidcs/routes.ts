import type {Answer, Handler, SandboxRequest} from '../answer.js'
import {type Call, json, Refusal} from './call.js'
import type {Features} from './features.js'
import {osImages, setPassword} from './guest-routes.js'
import {
  createHost,
  deleteHost,
  hostStatus,
  listHosts,
  powerHost,
  showHost,
  updateHost,
} from './host-routes.js'
import {currentUser, type Guard, hasToken, login, logout, refusalFor, sessionOf} from './login.js'
import {addNat, deleteNat, listNat} from './nat-routes.js'
import {addNic, deleteNic, deleteNicByIndex, listNics, updateNic} from './nic-routes.js'
import {crashPage, notFoundPage, redirectPage, unbuiltPage, wrongMethodPage} from './pages.js'
import {
  addProxy,
  adminAddProxy,
  adminDeleteProxy,
  adminProxies,
  adminUpdateProxy,
  allProxies,
  deleteProxy,
  listProxies,
  ownProxies,
} from './proxy-routes.js'
import {PythonError} from './python.js'
import {
  addRecord,
  addressRecords,
  deleteRecord,
  listRecords,
  natRecords,
  proxyRecords,
} from './rule-routes.js'
import type {OpenidcsState} from './state.js'
import {
  clearLogs,
  createToken,
  engines,
  load,
  logs,
  queryToken,
  resetToken,
  save,
  shortStatistics,
  statistics,
  tasks,
  tokenCurrent,
  tokenReset,
  tokenSet,
} from './system-routes.js'
import {createVm, deleteVm, updateVm} from './vm-changes.js'
import {listVms, powerVm, remote, scan, showVm, upload, vmStatus} from './vm-routes.js'

interface Route {
  readonly method: string
  /** With `:name` for a part, `#name` for a whole number. */
  readonly path: string
  readonly guard: Guard
  readonly handle: (call: Call) => Answer
  readonly isThere: (features: Features) => boolean
}

const always = () => true
const users = (features: Features) => features.users
const seedOnly = (features: Features) => !features.users
const withNics = (features: Features) => features.nics
const withRecords = (features: Features) => !features.nics

function route(
  line: `${'GET' | 'POST' | 'PUT' | 'DELETE'} /${string}`,
  handle: Route['handle'],
  guard: Guard = 'authorized',
  isThere: Route['isThere'] = always,
): Route {
  const [method = '', path = ''] = line.split(' ')
  return {method, path, guard, handle, isThere}
}

const vmPath = ':host/:vm'

/** The 35 routes of the seed, and those of later panels that a client may meet (contracts/openidcs.md 2, 4). */
const routes: readonly Route[] = [
  route('POST /login', login, 'nobody-special', ({login: path}) => path === '/login'),
  route('POST /api/login', login, 'nobody-special', ({login: path}) => path === '/api/login'),
  route('GET /exitd', logout, 'nobody-special', ({logout: path}) => path === '/exitd'),
  route('GET /logout', logout, 'nobody-special', ({logout: path}) => path === '/logout'),
  route('POST /api/logout', logout, 'nobody-special', ({logout: path}) => path === '/api/logout'),
  route('GET /api/users/current', currentUser, 'authorized', users),

  route('POST /api/system/resets', resetToken, 'authorized', seedOnly),
  route('POST /api/system/create', createToken, 'authorized', seedOnly),
  route('GET /api/system/tquery', queryToken, 'authorized', seedOnly),
  route('POST /api/token/reset', tokenReset, 'authorized', users),
  route('POST /api/token/set', tokenSet, 'authorized', users),
  route('GET /api/token/current', tokenCurrent, 'authorized', users),
  route('POST /api/system/saving', save),
  route('POST /api/system/save', save, 'authorized', users),
  route('POST /api/system/loader', load),
  route('POST /api/system/load', load, 'authorized', users),
  route('GET /api/system/statis', statistics),
  route('GET /api/system/stats', shortStatistics, 'authorized', users),
  route('GET /api/system/engine', engines),
  route('GET /api/system/logger/detail', logs),
  route('POST /api/system/logger/clear', clearLogs, 'authorized', ({catchAll}) => catchAll),
  route('GET /api/system/tasker', tasks),

  route('GET /api/server/detail', listHosts),
  route('GET /api/server/detail/:host', showHost, 'admin'),
  route('POST /api/server/create', createHost, 'admin'),
  route('PUT /api/server/update/:host', updateHost, 'admin'),
  route('DELETE /api/server/delete/:host', deleteHost, 'admin'),
  route('POST /api/server/powers/:host', powerHost, 'admin'),
  route('GET /api/server/status/:host', hostStatus),

  route('GET /api/client/detail/:host', listVms),
  route(`GET /api/client/detail/${vmPath}`, showVm),
  route('POST /api/client/create/:host', createVm),
  route(`PUT /api/client/update/${vmPath}`, updateVm),
  route(`DELETE /api/client/delete/${vmPath}`, deleteVm),
  route(`POST /api/client/powers/${vmPath}`, powerVm),
  route(`GET /api/client/status/${vmPath}`, vmStatus),
  route('POST /api/client/scaner/:host', scan),
  route('POST /api/client/upload', upload, 'nobody-special'),
  route(`GET /api/client/remote/${vmPath}`, remote),
  route(`POST /api/client/password/${vmPath}`, setPassword, 'authorized', ({models}) => models !== 'S'),
  route('GET /api/client/os-images/:host', osImages, 'authorized', users),

  route(`GET /api/client/natget/${vmPath}`, listRecords(natRecords), 'authorized', withRecords),
  route(`POST /api/client/natadd/${vmPath}`, addRecord(natRecords), 'authorized', withRecords),
  route(`DELETE /api/client/natdel/${vmPath}/#index`, deleteRecord(natRecords), 'authorized', withRecords),
  route(`GET /api/client/natget/${vmPath}`, listNat, 'authorized', withNics),
  route(`POST /api/client/natadd/${vmPath}`, addNat, 'authorized', withNics),
  route(`DELETE /api/client/natdel/${vmPath}/#index`, deleteNat, 'authorized', withNics),

  route(`GET /api/client/ipaddr/detail/${vmPath}`, listRecords(addressRecords), 'authorized', withRecords),
  route(`POST /api/client/ipaddr/create/${vmPath}`, addRecord(addressRecords), 'authorized', withRecords),
  route(
    `DELETE /api/client/ipaddr/delete/${vmPath}/#index`,
    deleteRecord(addressRecords),
    'authorized',
    withRecords,
  ),
  route(`GET /api/client/ipaddr/detail/${vmPath}`, listNics, 'authorized', withNics),
  route(`POST /api/client/ipaddr/create/${vmPath}`, addNic, 'authorized', withNics),
  route(`DELETE /api/client/ipaddr/delete/${vmPath}/#index`, deleteNicByIndex, 'authorized', withNics),
  route('GET /api/hosts/:host/vms/:vm/ip_addresses', listNics, 'authorized', withNics),
  route('POST /api/hosts/:host/vms/:vm/ip_addresses', addNic, 'authorized', withNics),
  route('PUT /api/hosts/:host/vms/:vm/ip_addresses/:nic', updateNic, 'authorized', withNics),
  route('DELETE /api/hosts/:host/vms/:vm/ip_addresses/:nic', deleteNic, 'authorized', withNics),

  route(`GET /api/client/proxys/detail/${vmPath}`, listRecords(proxyRecords), 'authorized', withRecords),
  route(`POST /api/client/proxys/create/${vmPath}`, addRecord(proxyRecords), 'authorized', withRecords),
  route(
    `DELETE /api/client/proxys/delete/${vmPath}/#index`,
    deleteRecord(proxyRecords),
    'authorized',
    withRecords,
  ),
  route(`GET /api/client/proxys/detail/${vmPath}`, listProxies, 'authorized', withNics),
  route(`POST /api/client/proxys/create/${vmPath}`, addProxy, 'authorized', withNics),
  route(`DELETE /api/client/proxys/delete/${vmPath}/#index`, deleteProxy, 'authorized', withNics),
  route('GET /api/client/proxys/list', ownProxies, 'authorized', ({catchAll}) => catchAll),
  route('GET /api/admin/proxys/list', allProxies, 'admin', withNics),
  route('GET /api/admin/proxys/list/:host', allProxies, 'admin', withNics),
  route(`GET /api/admin/proxys/detail/${vmPath}`, adminProxies, 'admin', withNics),
  route(`POST /api/admin/proxys/create/${vmPath}`, adminAddProxy, 'admin', withNics),
  route(`PUT /api/admin/proxys/update/${vmPath}/#index`, adminUpdateProxy, 'admin', withNics),
  route(`DELETE /api/admin/proxys/delete/${vmPath}/#index`, adminDeleteProxy, 'admin', withNics),
]

const patterns = routes.map(known => {
  const names = [...known.path.matchAll(/[:#](\w+)/g)].map(([, name]) => name ?? '')
  const source = known.path.replaceAll(/:\w+/g, '([^/]+)').replaceAll(/#\w+/g, '(\\d+)')
  return {route: known, names, expression: new RegExp(`^${source}$`, 's')}
})

interface Found {
  readonly route: Route
  readonly path: Readonly<Record<string, string>>
}

function routesAt(path: string, features: Features): Found[] {
  return patterns.flatMap(({route: known, names, expression}) => {
    const match = known.isThere(features) ? expression.exec(path) : null
    if (!match) return []
    return [
      {route: known, path: Object.fromEntries(names.map((name, index) => [name, match[index + 1] ?? '']))},
    ]
  })
}

/** A slash that is written %2F is a slash to Werkzeug: such names lead nowhere (contracts/openidcs.md 1.5). */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** What an emulated OpenIDCS answers. */
export function openidcsHandler(state: OpenidcsState): Handler {
  return request => {
    const reply = answer(request, state)
    const headers = {Server: 'Werkzeug/3.0.1 Python/3.11.2', ...reply.headers, Connection: 'close'}
    const isWrite = request.method !== 'GET' && request.method !== 'HEAD'
    return {
      ...reply,
      headers,
      ...(isWrite && state.slowMilliseconds > 0 && {afterMs: state.slowMilliseconds}),
    }
  }
}

function answer(request: SandboxRequest, state: OpenidcsState): Answer {
  const mark = request.path.indexOf('?')
  const path = decoded(mark < 0 ? request.path : request.path.slice(0, mark))
  const query = mark < 0 ? '' : request.path.slice(mark)
  const found = routesAt(path, state.features)
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const match = found.find(known => known.route.method === method)
  if (match) return handled(match, request, new URLSearchParams(query), state)
  const methods = found.flatMap(known =>
    known.route.method === 'GET' ? ['HEAD', 'GET'] : [known.route.method],
  )
  if (state.features.catchAll) return caught(method, path, methods, state)
  if (methods.length > 0) return wrongMethodPage([...new Set(['OPTIONS', ...methods])])
  // Pages lead to the login form.
  if (method === 'GET' && ['/', '/admin'].includes(path)) return redirectPage('/login')
  return notFoundPage
}

/** The front end has a rule for every path, but for GET alone (1.2). */
function caught(method: string, path: string, methods: readonly string[], state: OpenidcsState): Answer {
  if (method !== 'GET') return wrongMethodPage([...new Set(['OPTIONS', 'HEAD', 'GET', ...methods])])
  return path.startsWith('/api') ? json(state, 404, {error: 'API endpoint not found'}) : unbuiltPage
}

function handled(
  {route: known, path}: Found,
  request: SandboxRequest,
  query: URLSearchParams,
  state: OpenidcsState,
): Answer {
  const call: Call = {
    request,
    path,
    query,
    state,
    hasToken: hasToken(request, state),
    session: sessionOf(request, state),
  }
  try {
    return refusalFor(known.guard, call) ?? known.handle(call)
  } catch (error) {
    if (error instanceof Refusal) return error.answer
    if (error instanceof PythonError) return crashPage(error.shown, state.debug)
    throw error
  }
}
