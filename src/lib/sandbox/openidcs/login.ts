import type {Answer, SandboxRequest} from '../answer.js'
import {bodyOf, type Call, done, envelope, failure, json, refuse, wrapping} from './call.js'
import type {JsonObject} from './json.js'
import {redirectPage} from './pages.js'
import type {OpenidcsState, Session} from './state.js'

/** Who a route is for (contracts/openidcs.md 1.3). */
export type Guard = 'nobody-special' | 'authorized' | 'admin'

/** The header is exact: its scheme is written `Bearer`, one blank follows, the token is the rest. */
function bearerOf({headers}: SandboxRequest): string | undefined {
  return /^Bearer (.*)$/.exec(headers.authorization ?? '')?.[1]
}

export function hasToken(request: SandboxRequest, {token}: OpenidcsState): boolean {
  const given = bearerOf(request)
  return given !== undefined && given !== '' && given === token
}

export function sessionOf({headers}: SandboxRequest, {sessions}: OpenidcsState): Session | undefined {
  const value = /(?:^|;\s*)session=([^;]*)/.exec(headers.cookie ?? '')?.[1]
  return value === undefined ? undefined : sessions.get(value)
}

/** Why a caller may not, before anything of the request is looked at. */
export function refusalFor(guard: Guard, call: Call): Answer | undefined {
  const {request, state, session} = call
  if (guard === 'nobody-special') return undefined
  const {admins} = state.features
  if (guard === 'authorized' || admins === 'everybody') {
    return call.hasToken || session ? undefined : failure(call, 401, '未授权访问')
  }
  const isAdmin = session || call.hasToken || (admins === 'any-bearer' && Boolean(bearerOf(request)))
  // The only refusal that has a status of its own, and no timestamp (1.1, 1.3).
  return isAdmin ? undefined : json(state, 403, {code: 403, msg: '需要管理员权限', data: null})
}

/** Some versions list for sessions alone (1.3). */
export function wantsSessionToList(call: Call): void {
  if (call.state.features.listsNeedSession && !call.session) refuse(call, 401, '未授权访问')
}

/** Later versions write for sessions alone, whatever the Bearer is (1.3). */
export function wantsSessionToWrite(call: Call): void {
  if (call.state.features.writesNeedSession && !call.session) refuse(call, 401, '未登录')
}

const failuresAllowed = 5
const lockedSeconds = 300

/** The first address of a header that anybody may send is trusted (1.3). */
function addressOf({headers, remoteAddress}: SandboxRequest): string {
  const forwarded = headers['x-forwarded-for']
  const text = Array.isArray(forwarded) ? forwarded[0] : forwarded
  return text?.split(',')[0]?.trim() || remoteAddress
}

function limited(call: Call): Answer | undefined {
  const {request, state} = call
  const failed = state.failedLogins.get(addressOf(request))
  if (!failed || failed.count < failuresAllowed) return undefined
  const left = Math.ceil((failed.until - state.now()) / 1000)
  if (left > 0) return failure(call, 429, `登录失败次数过多，请 ${left} 秒后再试`)
  state.failedLogins.delete(addressOf(request))
  return undefined
}

function noteFailure({request, state}: Call): void {
  const address = addressOf(request)
  const count = (state.failedLogins.get(address)?.count ?? 0) + 1
  state.failedLogins.set(address, {count, until: state.now() + lockedSeconds * 1000})
}

export const login = (call: Call): Answer =>
  call.state.features.users ? wrapping('登录失败', loginOfUsers)(call) : loginByToken(call)

function loginByToken(call: Call): Answer {
  const {state} = call
  const {token} = bodyOf(call)
  if (token === undefined || token !== state.token) return failure(call, 401, 'Token错误')
  return loggedIn(call, {redirect: '/admin'})
}

function loginOfUsers(call: Call): Answer {
  const {state} = call
  const locked = state.features.limitsLogins ? limited(call) : undefined
  if (locked) return locked
  const body = bodyOf(call)
  const problem = body.login_type === 'user' ? userProblem(body, state) : tokenProblem(body, state)
  if (problem) {
    if (problem.code === 401) noteFailure(call)
    return failure(call, problem.code, problem.text)
  }
  const {loginShows} = state.features
  state.failedLogins.delete(addressOf(call.request))
  return loggedIn(call, {
    redirect: '/admin',
    ...(loginShows !== 'nothing' && {user_info: adminUser()}),
    ...(loginShows === 'user-and-token' && {token: state.token}),
  })
}

interface LoginProblem {
  readonly code: number
  readonly text: string
}

function userProblem(
  {username, password}: JsonObject,
  {adminPassword}: OpenidcsState,
): LoginProblem | undefined {
  if (!username || !password) return {code: 400, text: '用户名和密码不能为空'}
  if (username === 'admin' && password === adminPassword) return undefined
  return {code: 401, text: '用户名或密码错误'}
}

function tokenProblem({token}: JsonObject, state: OpenidcsState): LoginProblem | undefined {
  return token !== undefined && token === state.token ? undefined : {code: 401, text: 'Token错误'}
}

function loggedIn(call: Call, data: JsonObject): Answer {
  const {state} = call
  const answer = envelope(state, 200, '登录成功', data)
  const cookie = `session=${state.addSession()}; HttpOnly; Path=/`
  return {...answer, headers: {...answer.headers, Vary: 'Cookie', 'Set-Cookie': cookie}}
}

export function logout(call: Call): Answer {
  const {request, state} = call
  const value = /(?:^|;\s*)session=([^;]*)/.exec(request.headers.cookie ?? '')?.[1]
  if (value !== undefined) state.sessions.delete(value)
  if (state.features.logout === '/api/logout') return done(call, '登出成功')
  return redirectPage('/login')
}

/** The account that the first start makes. */
export function adminUser(): JsonObject {
  const quotas = {bandwidth_down: 9999, bandwidth_up: 9999, cpu: 9999, gpu: 9999, nat_ips: 0, nat_ports: 9999}
  const others = {pub_ips: 0, ram: 999_999, ssd: 999_999, traffic: 999_999, web_proxy: 9999}
  const names = Object.entries({...quotas, ...others})
  return {
    assigned_hosts: [],
    can_create_vm: 1,
    can_delete_vm: 1,
    can_modify_vm: 1,
    created_at: '2026-11-01 08:00:00',
    email: 'admin@localhost',
    email_verified: 1,
    id: 1,
    is_active: 1,
    is_admin: 1,
    last_login: null,
    ...Object.fromEntries(names.map(([name, value]) => [`quota_${name}`, value])),
    ...Object.fromEntries(names.map(([name]) => [`used_${name}`, 0])),
    reset_token: '',
    updated_at: '2026-11-01 08:00:00',
    username: 'admin',
  }
}

/** Whoever sends the token alone is an administrator without an account (4). */
export function tokenUser(): JsonObject {
  const names = [
    'bandwidth_down',
    'bandwidth_up',
    'cpu',
    'gpu',
    'nat_ips',
    'nat_ports',
    'pub_ips',
    'ram',
    'ssd',
    'traffic',
    'web_proxy',
  ]
  return {
    assigned_hosts: [],
    id: 0,
    is_admin: true,
    is_token_login: true,
    ...Object.fromEntries(
      names.flatMap(name => [[`quota_${name}`, 999_999] as const, [`used_${name}`, 0] as const]),
    ),
    username: 'admin',
  }
}

export function currentUser(call: Call): Answer {
  if (call.session) return done(call, '获取成功', adminUser())
  if (call.state.features.listsNeedSession) return failure(call, 401, '未授权访问')
  return done(call, '获取成功', tokenUser())
}
