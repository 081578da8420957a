import type {SandboxRequest} from '../answer.js'
import {cookieValue, firstHeader} from '../go/headers.js'
import type {NezhaState} from './state.js'

/**
 * Whether a request comes from an administrator: a login cookie that has not expired, else an
 * `Authorization` that is a token and nothing more (contracts/nezha.md 1.2). Neither works while
 * the users table is empty or cannot be read.
 */
export function isAuthorized(request: SandboxRequest, state: NezhaState): boolean {
  if (!state.hasUser || state.databaseLock === 'everything') return false
  const session = cookieValue(request.rawHeaders, state.cookieName).trim()
  if ((state.sessions.get(session) ?? 0) > state.now()) return true
  return state.tokens.has(firstHeader(request.rawHeaders, 'authorization'))
}

/** Whether a request carries the cookie that the site's view password gives (1.5). */
export function knowsViewPassword(request: SandboxRequest, state: NezhaState): boolean {
  const expected = state.viewPasswordCookie()
  return expected !== undefined && cookieValue(request.rawHeaders, `${state.cookieName}-vp`) === expected
}
