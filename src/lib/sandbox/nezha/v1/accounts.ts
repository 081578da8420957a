import {bodyOf, type Call, callerOf, failure, Instead, idIn, idsOf, Refused, some, timeAt} from './call.js'
import {loggedIn} from './identity.js'
import type {DashboardState, Pat, User} from './state.js'

/** POST /refresh-token, a GET before v2.1.0: as a login. */
export function refresh(call: Call): never {
  throw new Instead(loggedIn(callerOf(call), call.address, call.state))
}

/** A user with its agent secret; v1 leaves an admin's role out, and tells the hash of the password to its owner (3.14). */
function item(user: User, {features}: DashboardState, isOwn: boolean): unknown {
  return {
    id: user.id,
    created_at: timeAt(user.createdAt),
    updated_at: timeAt(user.updatedAt),
    username: user.username,
    password: isOwn && !features.periods ? `$2a$10$${'x'.repeat(53)}` : undefined,
    role: features.periods ? user.role : some(user.role),
    agent_secret: features.userSecrets ? user.agentSecret : undefined,
  }
}

/** GET /profile. */
export function showProfile(call: Call): unknown {
  return item(callerOf(call), call.state, true)
}

/** POST /profile: name and password; from v2.0.14 on it ends every session, the caller's too (3.1). */
export function editProfile(call: Call): void {
  const {original_password, new_username, new_password} = bodyOf(call, 'object')
  const {state} = call
  const user = callerOf(call)
  if (original_password !== user.password) throw new Refused('incorrect password')
  const changes = {username: String(new_username), password: String(new_password), updatedAt: state.now()}
  state.users.set(user.id, {...user, ...changes})
  state.sessions.clear()
}

export function listUsers({state}: Call): unknown {
  return [...state.users.values()].map(user => item(user, state, false))
}

/** POST /user: a role that is left out is an admin's (trap 55). */
export function addUser(call: Call): number {
  const {username, password, role} = bodyOf(call, 'object')
  if (String(password ?? '').length < 6) throw new Refused('password length must be greater than 6')
  if (!username) throw new Refused("username can't be empty")
  return call.state.addUser({username: String(username), password: String(password), role: Number(role ?? 0)})
    .id
}

export function deleteUsers(call: Call): void {
  const ids = idsOf(call)
  if (ids.includes(callerOf(call).id)) throw new Refused("can't delete yourself")
  for (const id of ids) call.state.users.delete(id)
}

const resources =
  'inventory server service alertrule cron ddns nat notification notification-group transfer admin'.split(' ')
const scopePattern = new RegExp(`^nezha:((${resources.join('|')}):(read|write|delete|exec|\\*)|\\*)$`)

function patItem(pat: Pat): unknown {
  return {
    id: pat.id,
    name: pat.name,
    scopes: pat.scopes,
    server_ids: some(pat.serverIds),
    expires_at: pat.expiresAt && timeAt(pat.expiresAt),
    last_used_at: pat.usedAt && timeAt(pat.usedAt),
    created_at: timeAt(pat.createdAt),
  }
}

/** GET /api-tokens: newest first, and never the token itself. */
export function listPats(call: Call): unknown {
  const own = [...call.state.pats.values()].filter(({user}) => user.id === callerOf(call).id)
  return own.sort((one, other) => other.id - one.id).map(patItem)
}

/** POST /api-tokens: the only answer that has the token (3.1). */
export function addPat(call: Call): unknown {
  const {state} = call
  const {name, scopes, server_ids, expires_in_days: days} = bodyOf(call, 'object')
  const wanted = Array.isArray(scopes) ? scopes.map(String) : []
  const serverIds = Array.isArray(server_ids) ? server_ids.map(Number) : undefined
  const unknown = wanted.find(scope => !scopePattern.test(scope))
  if (wanted.length === 0) {
    const tag = "Error:Field validation for 'Scopes' failed on the 'min' tag"
    throw new Refused(`Key: 'APITokenCreateRequest.Scopes' ${tag}`)
  }
  if (unknown !== undefined) throw new Refused(`unknown scope: ${unknown}`)
  const user = callerOf(call)
  const reserved = wanted.find(scope => /^nezha:(admin:.*|\*)$/.test(scope))
  if (user.role !== 0 && reserved) throw new Refused(`only admin can issue scope: ${reserved}`)
  if (Number(days ?? 0) > 3650) throw new Refused('expires_in_days too large (max 3650, i.e. 10 years)')
  if (serverIds?.some(id => !state.server(id))) throw new Instead(failure('server not found'))
  const expiresAt = days ? state.now() + Number(days) * 86_400_000 : undefined
  const pat = state.addPat({name: String(name), scopes: wanted, serverIds, expiresAt, user})
  return {
    id: pat.id,
    name: pat.name,
    token: pat.token,
    scopes: pat.scopes,
    server_ids: some(serverIds),
    expires_at: expiresAt && timeAt(expiresAt),
  }
}

export function deletePat(call: Call): void {
  if (!call.state.pats.delete(idIn(call))) throw new Refused('not found')
}

/** A page of some rows, as /waf and /online-user have them (3.0). */
function page({target}: Call, rows: readonly unknown[]): unknown {
  const [limit, offset] = [Number(target.query.get('limit') || 25), Number(target.query.get('offset') || 0)]
  return {
    value: some(rows.slice(offset, offset + limit)),
    pagination: {offset: some(offset), limit, total: some(rows.length)},
  }
}

export function listStrikes(call: Call): unknown {
  const strikes = [...call.state.firewall.strikes].map(([ip, {count, at, reason}]) => ({
    ip,
    block_identifier: -124 - reason,
    block_reason: reason,
    block_timestamp: Math.floor(at / 1000),
    count,
  }))
  return page(call, strikes)
}

export function forgive(call: Call): void {
  for (const address of bodyOf(call, 'array')) call.state.firewall.forgive(String(address))
}

export function listViewers(call: Call): unknown {
  const viewers = [...call.state.viewers].map(({userId, since, address}) => ({
    user_id: some(userId),
    connected_at: timeAt(since),
    ip: some(address),
  }))
  return page(call, viewers)
}
