import type {Answer, SandboxRequest} from '../answer.js'
import {json, redirect} from '../go/answers.js'
import {goJson} from '../go/json.js'
import {jsonSyntaxError} from '../go/json-error.js'
import type {Target} from '../go/query.js'
import {failure} from './answers.js'
import {notFound, sitePage} from './page.js'
import type {KomariMode} from './seed.js'
import type {KomariState} from './state.js'

type Guide = Exclude<KomariMode, 'normal'>

/** What each calls itself, and its page. */
const guides: Readonly<Record<Guide, {readonly title: string; readonly page: string}>> = {
  install: {title: 'install', page: '/install'},
  migration: {title: 'database migration', page: '/admin/database-migration'},
  recovery: {title: 'database recovery', page: '/admin/database-recovery'},
}

/** Answered by the panel's own routes in these modes too (contracts/komari.md 0.7). */
const shared = ['/api/login', '/api/me', '/api/oauth', '/api/oauth_callback']

/** Whether a guide leaves a path to the panel's own routes. */
export function isShared(path: string, mode: Guide): boolean {
  return mode !== 'install' && shared.includes(path)
}

/** What another server on the panel's port says while the panel is not set up (0.7). */
export function answerGuide(
  request: SandboxRequest,
  {path}: Target,
  state: KomariState,
  mode: Guide,
): Answer {
  const {method} = request
  if (path.startsWith('/api')) {
    if (mode === 'install' && path === '/api/install/status' && method === 'GET') {
      return json(200, goJson({status: 'success', message: '', data: {state: 'ready', required: true}}))
    }
    if (mode === 'install' && path === '/api/install/complete' && method === 'POST') {
      return install(request.body, state)
    }
    return failure(404, `Not found in ${guides[mode].title} mode`)
  }
  if (method !== 'GET') return notFound
  const isAsset = /\.[^/]+$/.test(path)
  if (isAsset || path === guides[mode].page) {
    return sitePage('Komari', 'A simple server monitor tool.')
  }
  return redirect(307, guides[mode].page, method)
}

const fields = ['username', 'password', 'sitename', 'description', 'metric_dsn']

/** Makes the first user; afterwards the panel answers. The moment in which the port is closed is left out. */
function install(body: string, state: KomariState): Answer {
  if (body === '') return failure(400, 'invalid request body: EOF')
  const syntax = jsonSyntaxError(body)
  if (syntax !== undefined) return failure(400, `invalid request body: ${syntax}`)
  const input = JSON.parse(body) as Record<string, unknown>
  const unknown = Object.keys(input).find(name => !fields.includes(name))
  if (unknown !== undefined) return failure(400, `invalid request body: json: unknown field "${unknown}"`)
  const [username, password, sitename, description, dsn] = fields.map(name => String(input[name] ?? ''))
  if (password && (password.length < 8 || password.length > 256)) {
    return failure(400, 'password must be between 8 and 256 characters')
  }
  if (!username || !password || !/[A-Z]/.test(password) || !/[a-z]/.test(password) || !/\d/.test(password)) {
    return failure(400, 'password must contain uppercase, lowercase letters, and numbers')
  }
  state.user = {...state.user, username, password}
  Object.assign(state.settings, {
    ...(sitename && {sitename}),
    ...(description && {description}),
    metric_db_dsn: dsn,
  })
  state.mode = 'normal'
  return json(200, goJson({status: 'success', message: 'installation completed', data: {}}))
}
