import type {SandboxRequest} from '../answer.js'
import {firstHeader, headerValues} from '../go/headers.js'
import type {Target} from '../go/query.js'
import {textIn} from '../json-object.js'
import {hasApiKey} from './identity.js'
import type {KomariState} from './state.js'

/** Host and port of an Origin, the scheme ignored; `undefined` for `null` and other texts (contracts/komari.md 0.5). */
function hostInOrigin(origin: string): string | undefined {
  return /^[a-z][a-z\d+.-]*:\/\/([^/?#]+)/i.exec(origin)?.[1]?.toLowerCase()
}

function isSameHost(origin: string, request: SandboxRequest): boolean {
  // Default ports are not made equal, and X-Forwarded-Host is not looked at.
  return hostInOrigin(origin) === firstHeader(request.rawHeaders, 'host').toLowerCase()
}

function isListed(origin: string, list: string): boolean {
  const allowed = list.split(/[,\n]/).map(entry => entry.trim())
  return allowed.some(
    entry => entry === '*' || (entry !== '' && hostInOrigin(entry) === hostInOrigin(origin)),
  )
}

const headers = {
  'Access-Control-Allow-Credentials': 'true',
  'Access-Control-Allow-Headers':
    'Origin, Content-Length, Content-Type, Authorization, Accept, X-CSRF-Token, X-Requested-With, Set-Cookie, X-2FA-Code, X-Two-Factor-Code',
  'Access-Control-Allow-Methods': 'GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS',
  'Access-Control-Expose-Headers': 'Content-Length, Authorization, Set-Cookie',
  'Access-Control-Max-Age': '43200',
  Vary: 'Origin',
}

/** The headers an answer gets, or that the request is refused with 403 and nothing else (0.5). */
export function crossOrigin(
  request: SandboxRequest,
  path: string,
  state: KomariState,
): Readonly<Record<string, string>> | 'refused' {
  const {features, settings} = state
  if (!features.cors || !path.startsWith('/api') || settings.cors_origin_check_enabled === false) return {}
  const [origin] = headerValues(request.rawHeaders, 'origin')
  if (origin === undefined) return request.method === 'OPTIONS' ? 'refused' : {}
  const isAllowed =
    isSameHost(origin, request) ||
    isListed(origin, textIn(settings, 'cors_allowed_origins')) ||
    hasApiKey(request, state)
  return isAllowed ? {...headers, 'Access-Control-Allow-Origin': origin} : 'refused'
}

/** Whether a WebSocket may be opened from where the request says it comes from (0.5). */
export function mayUpgrade(request: SandboxRequest, {query}: Target, state: KomariState): boolean {
  const {features, settings} = state
  if (!features.checksOrigin) return true
  const [origin] = headerValues(request.rawHeaders, 'origin')
  if (!features.physicalCores) {
    return settings.allow_cors === true || (origin !== undefined && isSameHost(origin, request))
  }
  if (hasApiKey(request, state)) return true
  // Any value will do in place of an Origin.
  if (origin === undefined && query.get('token')) return true
  if (settings.ws_origin_check_enabled === false) return true
  if (origin === undefined) return false
  return isSameHost(origin, request) || isListed(origin, textIn(settings, 'ws_allowed_origins'))
}
