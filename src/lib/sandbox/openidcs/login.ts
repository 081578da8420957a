import type {Answer, SandboxRequest} from '../answer.js'
import {bodyOf, type Call, done, failure, type Handle, json, wrapping} from './call.js'
import type {JsonObject} from './json.js'
import type {OpenidcsState} from './state.js'

/** The header is exact: its scheme is written `Bearer`, one blank follows, the token is the rest (contracts/openidcs.md 1.3). */
export function hasToken({headers}: SandboxRequest, {token}: OpenidcsState): boolean {
  const given = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
  return given !== undefined && given === token
}

export function hasSession({headers}: SandboxRequest, {sessions}: OpenidcsState): boolean {
  return sessions.has(/(?:^|;\s*)session=([^;]*)/.exec(headers.cookie ?? '')?.[1] ?? '')
}

// Who a route is for: looked at before anything else of the request (1.3).

export const authorized =
  (handle: Handle): Handle =>
  call =>
    call.hasToken || call.hasSession ? handle(call) : failure(call, 401, '未授权访问')

/** The only refusal that has a status of its own, and no timestamp (1.1). */
export const forAdmins =
  (handle: Handle): Handle =>
  call =>
    call.hasToken || call.hasSession
      ? handle(call)
      : json(call.state, 403, {code: 403, msg: '需要管理员权限', data: null})

/** The newest panel writes rules for sessions alone, whatever the Bearer is. */
export const forSessions = (handle: Handle): Handle =>
  authorized(call => (call.hasSession ? handle(call) : failure(call, 401, '未登录')))

const failuresAllowed = 5
const lockedSeconds = 300

/** The first address of a header that anybody may send is trusted (1.3). */
function addressOf({headers, remoteAddress}: SandboxRequest): string {
  return (
    String(headers['x-forwarded-for'] ?? '')
      .split(',')[0]
      ?.trim() || remoteAddress
  )
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

/** Of the seed's panel: by the token alone. */
export function login(call: Call): Answer {
  if (tokenProblem(bodyOf(call), call.state)) return failure(call, 401, 'Token错误')
  return loggedIn(call, {redirect: '/admin'})
}

/** Of the newest panel: also by name and password, and not without end. */
export const loginOfUsers = wrapping('登录失败', call => {
  const {state} = call
  const locked = limited(call)
  if (locked) return locked
  const body = bodyOf(call)
  const problem = body.login_type === 'user' ? userProblem(body, state) : tokenProblem(body, state)
  if (problem) {
    const [code, text] = problem
    if (code === 401) noteFailure(call)
    return failure(call, code, text)
  }
  state.failedLogins.delete(addressOf(call.request))
  return loggedIn(call, {redirect: '/admin', user_info: adminUser()})
})

type LoginProblem = readonly [code: number, text: string]

function userProblem({username, password}: JsonObject, state: OpenidcsState): LoginProblem | undefined {
  if (!username || !password) return [400, '用户名和密码不能为空']
  const isRight = username === 'admin' && password === state.adminPassword
  return isRight ? undefined : [401, '用户名或密码错误']
}

function tokenProblem({token}: JsonObject, state: OpenidcsState): LoginProblem | undefined {
  return token !== undefined && token === state.token ? undefined : [401, 'Token错误']
}

function loggedIn(call: Call, data: JsonObject): Answer {
  const answer = done(call, '登录成功', data)
  const cookie = `session=${call.state.addSession()}; HttpOnly; Path=/`
  return {...answer, headers: {...answer.headers, Vary: 'Cookie', 'Set-Cookie': cookie}}
}

/** What an account may use, of which none uses anything. */
const quotas = {
  bandwidth_down: 9999,
  bandwidth_up: 9999,
  cpu: 9999,
  gpu: 9999,
  nat_ips: 0,
  nat_ports: 9999,
  pub_ips: 0,
  ram: 999_999,
  ssd: 999_999,
  traffic: 999_999,
  web_proxy: 9999,
}

function account(quotaOf: (usual: number) => number): JsonObject {
  const own = Object.entries(quotas).flatMap(([name, usual]) => [
    [`quota_${name}`, quotaOf(usual)] as const,
    [`used_${name}`, 0] as const,
  ])
  return {assigned_hosts: [], username: 'admin', ...Object.fromEntries(own)}
}

/** The account that the first start makes. */
function adminUser(): JsonObject {
  return {
    ...account(usual => usual),
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
    reset_token: '',
    updated_at: '2026-11-01 08:00:00',
  }
}

/** Whoever sends the token alone is an administrator without an account (4). */
export function currentUser(call: Call): Answer {
  const tokenUser = {...account(() => 999_999), id: 0, is_admin: true, is_token_login: true}
  return done(call, '获取成功', call.hasSession ? adminUser() : tokenUser)
}
