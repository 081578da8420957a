import type {Answer, SandboxRequest} from '../answer.js'
import {cookieValue} from '../go/headers.js'
import {failure} from './answers.js'
import type {Caller} from './identity.js'
import type {KomariState} from './state.js'

/** Whether the site is private and this caller one of those it is closed to (contracts/komari.md 0.3). */
export function isPrivateFor(caller: Caller, {settings}: KomariState): boolean {
  return settings.private_site === true && caller.kind === 'guest' && !caller.shared
}

/** Prefixes that the first gate lets guests through to; the second one is behind it (0.3). */
const open = [
  '/api/public',
  '/api/login',
  '/api/me',
  '/api/oauth',
  '/api/oauth_callback',
  '/api/version',
  '/api/recent',
  '/api/admin',
  '/api/clients/',
]

/** The first of the two gates of a private site (0.3). */
export function privateRefusal(
  request: SandboxRequest,
  path: string,
  caller: Caller,
  state: KomariState,
): Answer | undefined {
  if (!path.startsWith('/api') || open.some(prefix => path.startsWith(prefix))) return undefined
  const {settings, features} = state
  if (caller.kind === 'guest' && typeof settings.private_site !== 'boolean') {
    return failure(500, 'Failed to get configuration.')
  }
  if (!isPrivateFor(caller, state)) return undefined
  const hasCookie = cookieValue(request.rawHeaders, 'session_token') !== ''
  const message =
    !features.bridge && hasCookie ? 'Unauthorized.' : 'Private site is enabled, please login first.'
  return failure(401, message)
}
