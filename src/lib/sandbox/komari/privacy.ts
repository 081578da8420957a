import type {Caller} from './identity.js'
import type {KomariState} from './state.js'

/** Whether the site is private and this caller one of those it is closed to (contracts/komari.md 0.3). */
export function isPrivateFor(caller: Caller, {settings}: KomariState): boolean {
  return settings.private_site === true && caller.kind === 'guest' && !caller.shared
}

/** Prefixes that the first gate lets guests through to; the second one is behind it (0.3). */
const open = [
  '/ping',
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

/** Whether the first gate looks at a path at all. */
export function isGated(path: string): boolean {
  return path.startsWith('/api') && !open.some(prefix => path.startsWith(prefix))
}
