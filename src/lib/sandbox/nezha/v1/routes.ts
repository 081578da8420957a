import type {Answer, Handler, SandboxRequest} from '../../answer.js'
import {invalidTarget, slashRedirect} from '../../go/answers.js'
import {parseTarget, type Target} from '../../go/query.js'
import type {ListenOptions} from '../../listen.js'
import {uuidOf} from '../../random.js'
import {behind, Router, type Routes} from '../../router.js'
import * as accounts from './accounts.js'
import {bodyOf, type Call, failure, type Handle, type Outcome, owns, Refused, timeAt} from './call.js'
import type {Features} from './features.js'
import {watchServers} from './feed.js'
import {sendFile, takeFile} from './files.js'
import {blockedPage} from './firewall.js'
import {admin, guest, open, type Route, user} from './gates.js'
import {addressOf, identify, login} from './identity.js'
import {answerMcp, onlyPost} from './mcp.js'
import {resourceRoutes} from './resources.js'
import * as servers from './servers.js'
import * as services from './services.js'
import {editSetting, showSetting} from './settings.js'
import type {DashboardState} from './state.js'

/** The table of contracts/nezha.md 3.2, as far as anybody asks. */
function routesOf(features: Features): Routes<Route> {
  const api = (routes: Routes<Handle>) => routes
  return {
    'POST /api/v1/login': login,
    ...behind(open, api({'GET /api/v1/setting': showSetting})),
    ...behind(
      guest('inventory:read'),
      api({'GET /api/v1/ws/server': watchServers, 'GET /api/v1/server-group': servers.listGroups}),
    ),
    ...behind(
      guest('service:read'),
      api({
        'GET /api/v1/service': services.showOverview,
        'GET /api/v1/service/server': services.listMeasured,
        ...(features.periods
          ? {
              'GET /api/v1/service/:id/history': services.showHistory,
              'GET /api/v1/server/:id/service': services.listHistories,
            }
          : {}),
      }),
    ),
    ...(features.periods &&
      behind(guest('server:read'), api({'GET /api/v1/server/:id/metrics': services.showMetrics}))),
    ...behind(
      user('self'),
      api({
        ...(features.tokens
          ? {
              'POST /api/v1/refresh-token': accounts.refresh,
              'GET /api/v1/api-tokens': accounts.listPats,
              'POST /api/v1/api-tokens': accounts.addPat,
              'DELETE /api/v1/api-tokens/:id': accounts.deletePat,
            }
          : {'GET /api/v1/refresh-token': accounts.refresh}),
        'GET /api/v1/profile': accounts.showProfile,
        'POST /api/v1/profile': accounts.editProfile,
      }),
    ),
    ...behind(user('inventory:read'), api({'GET /api/v1/server': servers.listServers})),
    ...behind(
      user('server:write'),
      api({
        'PATCH /api/v1/server/:id': servers.editServer,
        'POST /api/v1/force-update/server': servers.forceUpdate,
        'POST /api/v1/server-group': servers.addGroup,
        'PATCH /api/v1/server-group/:id': servers.editGroup,
        ...(features.serverConfig && {
          'GET /api/v1/server/config/:id': servers.showConfig,
          'POST /api/v1/server/config': servers.pushConfig,
        }),
        ...(features.batchMove && {'POST /api/v1/batch-move/server': moveServers}),
      }),
    ),
    ...behind(
      user('inventory:delete'),
      api({
        'POST /api/v1/batch-delete/server': servers.deleteServers,
        'POST /api/v1/batch-delete/server-group': servers.deleteGroups,
      }),
    ),
    ...behind(user('transfer:read'), api({...(features.sessions && {'GET /api/v1/transfer': () => []})})),
    ...behind(user('server:exec'), api({'POST /api/v1/terminal': openTerminal})),
    ...behind(user('ddns:read'), api({'GET /api/v1/ddns/providers': listProviders})),
    ...behind(
      user('cron:exec'),
      api({[`${features.sessions ? 'POST' : 'GET'} /api/v1/cron/:id/manual`]: runCron}),
    ),
    ...resourceRoutes(features),
    // After /service/list, as it takes whatever stands there.
    ...(!features.periods &&
      behind(guest('service:read'), api({'GET /api/v1/service/:id': services.listHistories}))),
    ...behind(
      admin,
      api({
        'GET /api/v1/user': accounts.listUsers,
        'POST /api/v1/user': accounts.addUser,
        'POST /api/v1/batch-delete/user': accounts.deleteUsers,
        'GET /api/v1/waf': accounts.listStrikes,
        'POST /api/v1/batch-delete/waf': accounts.forgive,
        'GET /api/v1/online-user': accounts.listViewers,
        'PATCH /api/v1/setting': editSetting,
        ...(features.periods && {'POST /api/v1/maintenance': () => undefined}),
      }),
    ),
    ...(features.tokens && {
      'POST /mcp': answerMcp,
      'GET /mcp': () => onlyPost,
      'DELETE /mcp': () => onlyPost,
      'GET /mcp/download/:ticket': sendFile,
      'POST /mcp/upload/:ticket': takeFile,
    }),
  }
}

/** POST /batch-move/server: what of it anybody sees of unknown servers. */
function moveServers(call: Call): unknown {
  const {ids} = bodyOf(call, 'object')
  const wanted = Array.isArray(ids) ? ids.map(Number) : []
  return wanted.map(id => ({server_id: id, status: call.state.server(id) ? 'pending' : 'server_not_found'}))
}

/** POST /terminal: a session says that the agent is connected, and no more (3.12). */
function openTerminal(call: Call): unknown {
  const {state, caller} = call
  const {server_id} = bodyOf(call, 'object')
  const server = state.server(Number(server_id))
  if (!server || !owns(caller, server) || !servers.isReachable(server, state)) {
    throw new Refused('server not found or not connected')
  }
  return {session_id: uuidOf(state.random), server_id: server.id, server_name: server.name}
}

function listProviders(): unknown {
  return ['dummy', 'webhook', 'cloudflare', 'tencentcloud', 'he']
}

function runCron({path, state}: Call): void {
  const tasks = state.rowsOf('cron')
  const task = tasks.get(Number(path.id))
  if (!task) throw new Refused(`task id ${path.id} does not exist`)
  tasks.set(task.id, {...task, last_executed_at: timeAt(state.now())})
}

/** What an emulated dashboard of v1 or v2 answers, over HTTP and to those who ask for a WebSocket. */
export function dashboardHandler(state: DashboardState): Pick<ListenOptions, 'handler' | 'upgrade'> {
  const router = new Router(routesOf(state.features))
  const handler: Handler = request => {
    const outcome = respond(request, router, state, false)
    if (outcome !== 'stall' && 'reply' in outcome) throw new Error('nobody asked for a WebSocket')
    return outcome
  }
  return {handler, upgrade: request => respond(request, router, state, true)}
}

function respond(
  request: SandboxRequest,
  router: Router<Route>,
  state: DashboardState,
  upgrades: boolean,
): Outcome {
  const target = parseTarget(request.path)
  if (!target) return invalidTarget
  const found = addressOf(request, state)
  if (found === 'missing') return failure('real ip header not found')
  const {address} = found
  if (state.firewall.blocks(address, state.now())) return blockedPage
  // The domain of an agent's web page that is switched off looks the same (trap 48).
  const nat = [...state.rowsOf('nat').values()].find(({domain}) => domain === request.headers.host)
  if (nat?.enabled === false) return blockedPage
  const route = router.find(request.method, target.path)
  if (!route) return slashRedirect(request, target, router) ?? notFound(target, state)
  // /setting looks at no token, and /mcp says in its own words what it thinks of one (3.2, 3.11).
  const isSetting = request.method === 'GET' && target.path === '/api/v1/setting'
  const who = identify(request, target, address, state, !isSetting)
  if (!('kind' in who) && target.path !== '/mcp') return who
  const caller = 'kind' in who ? who : ({kind: 'guest'} as const)
  return route.handle({request, target, path: route.path, state, caller, address, upgrades})
}

/** Unknown paths and wrong methods alike; the web page for what is no API. */
function notFound({path}: Target, {features}: DashboardState): Answer {
  if (path.startsWith('/api')) return failure('404 Not Found', features.nestedSettings ? 404 : 200)
  return {
    status: path === '/' ? 200 : 404,
    headers: {'Content-Type': 'text/html; charset=utf-8'},
    body: '<!doctype html><title>Nezha</title><div id="root"></div>\n',
  }
}
