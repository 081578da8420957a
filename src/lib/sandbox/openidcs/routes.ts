import type {Answer, Handler, SandboxRequest} from '../answer.js'
import {behind, Router, type Routes} from '../router.js'
import {type Call, type Handle, json, Refusal} from './call.js'
import * as hosts from './host-routes.js'
import * as access from './login.js'
import * as nics from './nic-routes.js'
import {crashPage, notFoundPage, unbuiltPage, wrongMethodPage} from './pages.js'
import * as proxies from './proxy-routes.js'
import {PythonError} from './python.js'
import * as rules from './rule-routes.js'
import {addressRules, natRules, proxyRules} from './rules.js'
import type {OpenidcsState} from './state.js'
import * as system from './system-routes.js'
import * as changes from './vm-changes.js'
import * as vms from './vm-routes.js'

/** What every panel has, besides what only administrators may (contracts/openidcs.md 2). */
const shared: Routes<Handle> = {
  'POST /api/system/saving': system.save,
  'POST /api/system/loader': system.load,
  'GET /api/system/statis': system.statistics,
  'GET /api/system/engine': system.engines,
  'GET /api/system/logger/detail': system.logs,
  'GET /api/system/tasker': system.tasks,
  'GET /api/server/detail': hosts.list,
  'GET /api/server/status/:host': hosts.status,
  'GET /api/client/detail/:host': vms.list,
  'GET /api/client/detail/:host/:vm': vms.show,
  'POST /api/client/create/:host': changes.create,
  'PUT /api/client/update/:host/:vm': changes.update,
  'DELETE /api/client/delete/:host/:vm': changes.remove,
  'POST /api/client/powers/:host/:vm': vms.power,
  'GET /api/client/status/:host/:vm': vms.status,
  'POST /api/client/scaner/:host': vms.scan,
  'GET /api/client/remote/:host/:vm': vms.remote,
}

/** On the seed's panel for everybody who is authorized. */
const administration: Routes<Handle> = {
  'GET /api/server/detail/:host': hosts.show,
  'POST /api/server/create': hosts.create,
  'PUT /api/server/update/:host': hosts.update,
  'DELETE /api/server/delete/:host': hosts.remove,
  'POST /api/server/powers/:host': hosts.power,
}

/** The 35 routes of the seed, but for the pages (2). */
const seed: Routes<Handle> = {
  'POST /login': access.login,
  'POST /api/client/upload': vms.upload,
  ...behind(access.authorized, {
    ...shared,
    ...administration,
    'POST /api/system/resets': system.resetToken,
    'POST /api/system/create': system.createToken,
    'GET /api/system/tquery': system.queryToken,
    'GET /api/client/natget/:host/:vm': rules.list(natRules),
    'POST /api/client/natadd/:host/:vm': rules.add(natRules),
    'DELETE /api/client/natdel/:host/:vm/#index': rules.remove(natRules),
    'GET /api/client/ipaddr/detail/:host/:vm': rules.list(addressRules),
    'POST /api/client/ipaddr/create/:host/:vm': rules.add(addressRules),
    'DELETE /api/client/ipaddr/delete/:host/:vm/#index': rules.remove(addressRules),
    'GET /api/client/proxys/detail/:host/:vm': rules.list(proxyRules),
    'POST /api/client/proxys/create/:host/:vm': rules.add(proxyRules),
    'DELETE /api/client/proxys/delete/:host/:vm/#index': rules.remove(proxyRules),
  }),
}

/** Those of the newest that a client may meet (4). */
const newest: Routes<Handle> = {
  'POST /api/login': access.loginOfUsers,
  'POST /api/client/upload': vms.upload,
  ...behind(access.authorized, {
    ...shared,
    'GET /api/users/current': access.currentUser,
    'POST /api/token/reset': system.tokenReset,
    'POST /api/token/set': system.tokenSet,
    'GET /api/token/current': system.tokenCurrent,
    'POST /api/system/save': system.save,
    'POST /api/system/logger/clear': system.clearLogs,
    'POST /api/client/password/:host/:vm': changes.setPassword,
    'GET /api/client/os-images/:host': hosts.osImages,
    'GET /api/client/natget/:host/:vm': rules.list(natRules),
    'GET /api/client/ipaddr/detail/:host/:vm': nics.list,
    'GET /api/client/proxys/detail/:host/:vm': rules.list(proxyRules, proxies.shownProxy),
  }),
  ...behind(access.forSessions, {
    'POST /api/client/natadd/:host/:vm': rules.addNat,
    'DELETE /api/client/natdel/:host/:vm/#index': rules.remove(natRules),
    'POST /api/client/ipaddr/create/:host/:vm': nics.add,
    'DELETE /api/client/ipaddr/delete/:host/:vm/#nic': nics.remove,
    'PUT /api/hosts/:host/vms/:vm/ip_addresses/:nic': nics.update,
    'DELETE /api/hosts/:host/vms/:vm/ip_addresses/:nic': nics.remove,
    'POST /api/client/proxys/create/:host/:vm': proxies.addProxy,
    'DELETE /api/client/proxys/delete/:host/:vm/#index': proxies.deleteProxy,
    'GET /api/client/proxys/list': proxies.allProxies,
  }),
  ...behind(access.forAdmins, {
    ...administration,
    'GET /api/admin/proxys/list': proxies.allProxies,
    'GET /api/admin/proxys/detail/:host/:vm': proxies.adminProxies,
    'POST /api/admin/proxys/create/:host/:vm': proxies.adminAddProxy,
    'PUT /api/admin/proxys/update/:host/:vm/#index': proxies.adminUpdateProxy,
    'DELETE /api/admin/proxys/delete/:host/:vm/#index': proxies.adminDeleteProxy,
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
    hasToken: access.hasToken(request, state),
    hasSession: access.hasSession(request, state),
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
  return notFoundPage
}
