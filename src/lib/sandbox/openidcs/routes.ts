import type {Answer, Handler, SandboxRequest} from '../answer.js'
import {behind, Router, type Routes} from '../router.js'
import {type Call, type Handle, json, Refusal} from './call.js'
import {
  createHost,
  deleteHost,
  hostStatus,
  listHosts,
  osImages,
  powerHost,
  showHost,
  updateHost,
} from './host-routes.js'
import {
  authorized,
  currentUser,
  forAdmins,
  forSessions,
  hasSession,
  hasToken,
  login,
  loginOfUsers,
} from './login.js'
import {addNic, deleteNic, listNics, updateNic} from './nic-routes.js'
import {crashPage, notFoundPage, redirectPage, unbuiltPage, wrongMethodPage} from './pages.js'
import {
  addProxy,
  adminAddProxy,
  adminDeleteProxy,
  adminProxies,
  adminUpdateProxy,
  allProxies,
  deleteProxy,
  shownProxy,
} from './proxy-routes.js'
import {PythonError} from './python.js'
import {
  addNat,
  addRule,
  addressRules,
  deleteRule,
  listRules,
  natRules,
  proxyRules,
  seedRules,
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
  statistics,
  tasks,
  tokenCurrent,
  tokenReset,
  tokenSet,
} from './system-routes.js'
import {createVm, deleteVm, setPassword, updateVm} from './vm-changes.js'
import {listVms, powerVm, remote, scan, showVm, upload, vmStatus} from './vm-routes.js'

/** What every panel has, besides what only administrators may (contracts/openidcs.md 2). */
const shared: Routes<Handle> = {
  'POST /api/system/saving': save,
  'POST /api/system/loader': load,
  'GET /api/system/statis': statistics,
  'GET /api/system/engine': engines,
  'GET /api/system/logger/detail': logs,
  'GET /api/system/tasker': tasks,
  'GET /api/server/detail': listHosts,
  'GET /api/server/status/:host': hostStatus,
  'GET /api/client/detail/:host': listVms,
  'GET /api/client/detail/:host/:vm': showVm,
  'POST /api/client/create/:host': createVm,
  'PUT /api/client/update/:host/:vm': updateVm,
  'DELETE /api/client/delete/:host/:vm': deleteVm,
  'POST /api/client/powers/:host/:vm': powerVm,
  'GET /api/client/status/:host/:vm': vmStatus,
  'POST /api/client/scaner/:host': scan,
  'GET /api/client/remote/:host/:vm': remote,
}

/** On the seed's panel for everybody who is authorized. */
const administration: Routes<Handle> = {
  'GET /api/server/detail/:host': showHost,
  'POST /api/server/create': createHost,
  'PUT /api/server/update/:host': updateHost,
  'DELETE /api/server/delete/:host': deleteHost,
  'POST /api/server/powers/:host': powerHost,
}

/** The 35 routes of the seed, but for the pages (2). */
const seed: Routes<Handle> = {
  'POST /login': login,
  'POST /api/client/upload': upload,
  ...behind(authorized, {
    ...shared,
    ...administration,
    'POST /api/system/resets': resetToken,
    'POST /api/system/create': createToken,
    'GET /api/system/tquery': queryToken,
    'GET /api/client/natget/:host/:vm': listRules(natRules),
    'POST /api/client/natadd/:host/:vm': addRule(natRules, seedRules.nat),
    'DELETE /api/client/natdel/:host/:vm/#index': deleteRule(natRules),
    'GET /api/client/ipaddr/detail/:host/:vm': listRules(addressRules),
    'POST /api/client/ipaddr/create/:host/:vm': addRule(addressRules, seedRules.address),
    'DELETE /api/client/ipaddr/delete/:host/:vm/#index': deleteRule(addressRules),
    'GET /api/client/proxys/detail/:host/:vm': listRules(proxyRules),
    'POST /api/client/proxys/create/:host/:vm': addRule(proxyRules, seedRules.proxy),
    'DELETE /api/client/proxys/delete/:host/:vm/#index': deleteRule(proxyRules),
  }),
}

/** Those of the newest that a client may meet (4). */
const newest: Routes<Handle> = {
  'POST /api/login': loginOfUsers,
  'POST /api/client/upload': upload,
  ...behind(authorized, {
    ...shared,
    'GET /api/users/current': currentUser,
    'POST /api/token/reset': tokenReset,
    'POST /api/token/set': tokenSet,
    'GET /api/token/current': tokenCurrent,
    'POST /api/system/save': save,
    'POST /api/system/logger/clear': clearLogs,
    'POST /api/client/password/:host/:vm': setPassword,
    'GET /api/client/os-images/:host': osImages,
    'GET /api/client/natget/:host/:vm': listRules(natRules),
    'GET /api/client/ipaddr/detail/:host/:vm': listNics,
    'GET /api/client/proxys/detail/:host/:vm': listRules(proxyRules, shownProxy),
  }),
  ...behind(forSessions, {
    'POST /api/client/natadd/:host/:vm': addNat,
    'DELETE /api/client/natdel/:host/:vm/#index': deleteRule(natRules),
    'POST /api/client/ipaddr/create/:host/:vm': addNic,
    'DELETE /api/client/ipaddr/delete/:host/:vm/#nic': deleteNic,
    'PUT /api/hosts/:host/vms/:vm/ip_addresses/:nic': updateNic,
    'DELETE /api/hosts/:host/vms/:vm/ip_addresses/:nic': deleteNic,
    'POST /api/client/proxys/create/:host/:vm': addProxy,
    'DELETE /api/client/proxys/delete/:host/:vm/#index': deleteProxy,
    'GET /api/client/proxys/list': allProxies,
  }),
  ...behind(forAdmins, {
    ...administration,
    'GET /api/admin/proxys/list': allProxies,
    'GET /api/admin/proxys/detail/:host/:vm': adminProxies,
    'POST /api/admin/proxys/create/:host/:vm': adminAddProxy,
    'PUT /api/admin/proxys/update/:host/:vm/#index': adminUpdateProxy,
    'DELETE /api/admin/proxys/delete/:host/:vm/#index': adminDeleteProxy,
  }),
}

/** What an emulated OpenIDCS answers. */
export function openidcsHandler(state: OpenidcsState): Handler {
  const router = new Router(state.features.isNewest ? newest : seed)
  return request => {
    const reply = answer(request, router, state)
    const isWrite = request.method !== 'GET' && request.method !== 'HEAD'
    return {
      ...reply,
      headers: {Server: 'Werkzeug/3.0.1 Python/3.11.2', ...reply.headers, Connection: 'close'},
      ...(isWrite && state.slowMilliseconds > 0 && {afterMs: state.slowMilliseconds}),
    }
  }
}

function answer(request: SandboxRequest, router: Router<Handle>, state: OpenidcsState): Answer {
  const mark = request.path.indexOf('?')
  const path = decoded(mark < 0 ? request.path : request.path.slice(0, mark))
  const query = new URLSearchParams(mark < 0 ? '' : request.path.slice(mark))
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const found = router.find(method, path)
  if (!found) return nothingThere(method, path, router.methodsAt(path), state)
  const call: Call = {
    request,
    path: found.path,
    query,
    state,
    hasToken: hasToken(request, state),
    hasSession: hasSession(request, state),
  }
  try {
    return found.handle(call)
  } catch (error) {
    if (error instanceof Refusal) return error.answer
    if (error instanceof PythonError) return crashPage(error.shown, state.debug)
    throw error
  }
}

/** A slash that is written %2F is a slash to Werkzeug: such names lead nowhere (contracts/openidcs.md 1.5). */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** The front end of the newest has a rule for every path, but for GET alone (1.2). */
function nothingThere(
  method: string,
  path: string,
  methods: readonly string[],
  state: OpenidcsState,
): Answer {
  const {isNewest} = state.features
  const allowed = new Set(['OPTIONS', ...(isNewest ? ['HEAD', 'GET'] : []), ...methods])
  if (allowed.has('GET')) allowed.add('HEAD')
  if (isNewest && method === 'GET') {
    return path.startsWith('/api') ? json(state, 404, {error: 'API endpoint not found'}) : unbuiltPage
  }
  if (isNewest || methods.length > 0) return wrongMethodPage([...allowed])
  // Pages lead to the login form.
  return method === 'GET' && ['/', '/admin'].includes(path) ? redirectPage('/login') : notFoundPage
}
