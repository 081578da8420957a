import type {SandboxRequest} from '../answer.js'
import {cookieValue, firstHeader} from '../go/headers.js'
import type {Target} from '../go/query.js'
import {objectIn, textIn} from '../json-object.js'
import type {KomariNode, KomariSession, KomariState} from './state.js'

/** Who a request comes from; a bad credential makes a guest, silently (contracts/komari.md 0.2). */
export type Caller =
  | {readonly kind: 'key'}
  | {readonly kind: 'session'; readonly session: KomariSession}
  | {readonly kind: 'agent'; readonly node: KomariNode}
  /** With the cookie of a temporary share: past both private gates, and a guest otherwise (0.3). */
  | {readonly kind: 'guest'; readonly shared: boolean}

/** The first of key, session, agent token that is right (0.2). */
export function identify(request: SandboxRequest, target: Target, state: KomariState): Caller {
  if (hasApiKey(request, state)) return {kind: 'key'}
  const session = sessionOf(request, state)
  if (session) return {kind: 'session', session}
  const token = agentToken(request, target)
  // A node may have an empty one, and nobody is it.
  const node = token === '' ? undefined : state.withToken(token)
  if (node) return {kind: 'agent', node}
  return {kind: 'guest', shared: isShared(request, state)}
}

/** Shorter keys never match (0.2). */
const shortestKey = 12

/** Whether a request carries this key: the scheme in this spelling and one blank. */
function hasBearer(request: SandboxRequest, key: string): boolean {
  return key.length >= shortestKey && firstHeader(request.rawHeaders, 'authorization') === `Bearer ${key}`
}

export function hasApiKey(request: SandboxRequest, state: KomariState): boolean {
  return state.features.apiKey && hasBearer(request, textIn(state.settings, 'api_key'))
}

/** The key that nodes register with; the API key is another (3.8). */
export function hasDiscoveryKey(request: SandboxRequest, state: KomariState): boolean {
  return hasBearer(request, textIn(state.settings, 'auto_discovery_key'))
}

export function sessionOf(request: SandboxRequest, state: KomariState): KomariSession | undefined {
  const token = cookieValue(request.rawHeaders, 'session_token')
  return token === '' ? undefined : state.session(token)
}

function agentToken(request: SandboxRequest, {query}: Target): string {
  const inQuery = query.get('token') || query.get('Authorization')
  if (inQuery || request.method === 'GET') return inQuery ?? ''
  return textIn(objectIn(request.body) ?? {}, 'token')
}

function isShared(request: SandboxRequest, state: KomariState): boolean {
  const {settings, features} = state
  const token = textIn(settings, 'tempory_share_token')
  const expires = Number(settings.tempory_share_token_expire_at ?? 0)
  if (!features.temporaryShare || token === '' || expires * 1000 < state.now()) return false
  return cookieValue(request.rawHeaders, 'temp_key') === token
}

/** Admins see hidden nodes; before 1.2.5 a key does not make one there (1.14). */
export function seesHidden(caller: Caller, {features}: KomariState): boolean {
  return !features.hiddenNodes || caller.kind === 'session' || (caller.kind === 'key' && features.bridge)
}

export function isAdmin(caller: Caller): boolean {
  return caller.kind === 'key' || caller.kind === 'session'
}
