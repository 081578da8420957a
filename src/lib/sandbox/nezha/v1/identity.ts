import {createHmac} from 'node:crypto'
import type {Answer, SandboxRequest} from '../../answer.js'
import {cookieValue, firstHeader} from '../../go/headers.js'
import type {Target} from '../../go/query.js'
import {objectIn, textIn} from '../../json-object.js'
import {randomText} from '../../random.js'
import {type Call, type Caller, failure, success, timeAt} from './call.js'
import type {DashboardState, User} from './state.js'

const secret = 'sandboxNezhaJwtSecretKey'

function signature(text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url')
}

const header = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url')

interface Claims {
  readonly exp: number
  readonly user: number
  readonly session: string
  readonly address: string
}

/** A JWT as this dashboard gives them; what is in it is nobody's business (3.1). */
export function issueJwt(user: User, state: DashboardState, address = ''): {token: string; expire: string} {
  const [now, session] = [Math.floor(state.now() / 1000), randomText(32, state.random)]
  const exp = now + state.jwtTimeout * 3600
  state.sessions.add(session)
  const claims = JSON.stringify({exp, orig_iat: now, user: user.id, session, address})
  const signed = `${header}.${Buffer.from(claims).toString('base64url')}`
  return {token: `${signed}.${signature(signed)}`, expire: timeAt(exp * 1000)}
}

function claimsOf(token: string, now: number): Claims | undefined {
  const [head, body = '', signed] = token.split('.')
  if (signed !== signature(`${head}.${body}`)) return undefined
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims
  return claims.exp * 1000 > now ? claims : undefined
}

/** Where a JWT may stand, in the order the panel looks: `Bearer` is case-sensitive (3.1). */
function jwtOf({rawHeaders}: SandboxRequest, {query}: Target): string {
  const bearer = /^Bearer (.+)$/.exec(firstHeader(rawHeaders, 'authorization'))?.[1]
  return bearer || query.get('token') || cookieValue(rawHeaders, 'nz-jwt')
}

/** The address that the firewall goes by: `undefined` without one, `missing` where the header is not there (3.1). */
export function addressOf(request: SandboxRequest, state: DashboardState): {address?: string} | 'missing' {
  const name = state.setting('web_real_ip_header')
  if (name === '') return {}
  if (name === 'NZ::Use-Peer-IP') return {address: request.remoteAddress.replace(/^::ffff:/, '')}
  const address = firstHeader(request.rawHeaders, name.toLowerCase())
  return address === '' ? 'missing' : {address}
}

/** HTTP 200, and the same words whatever is wrong with a JWT or a login. */
export function unauthorized(state: DashboardState): Answer {
  const answer = failure('ApiErrorUnauthorized')
  const realm = `JWT realm=${state.setting('site_name') || 'gin jwt'}`
  return {...answer, headers: {...answer.headers, 'Www-Authenticate': realm}}
}

/** Who asks. A bad token is an answer of its own, and a strike. */
export function identify(
  request: SandboxRequest,
  target: Target,
  address: string | undefined,
  state: DashboardState,
  readsTokens = true,
): Caller | Answer {
  const {features, now} = state
  const pat = /^Bearer (nzp_.*)$/.exec(firstHeader(request.rawHeaders, 'authorization'))?.[1]
  if (features.tokens && readsTokens && pat !== undefined) return identifyPat(pat, address, state)
  const claims = claimsOf(jwtOf(request, target), now())
  const user = claims && state.users.get(claims.user)
  if (!claims || !user) return {kind: 'guest'}
  if (features.sessions && !state.sessions.has(claims.session)) return {kind: 'guest', isRevoked: true}
  const isElsewhere = features.bindsAddress && address !== undefined && claims.address !== address
  return isElsewhere ? {kind: 'guest'} : {kind: 'jwt', user}
}

function identifyPat(token: string, address: string | undefined, state: DashboardState): Caller | Answer {
  const pat = [...state.pats.values()].find(known => known.token === token)
  const isOver = pat?.expiresAt !== undefined && pat.expiresAt <= state.now()
  if (!pat || isOver) {
    state.firewall.strike(address, state.now(), 2)
    return failure(`ApiErrorUnauthorized: ${pat ? 'api token expired' : 'invalid api token'}`, 401)
  }
  const used = {...pat, usedAt: state.now()}
  state.pats.set(pat.id, used)
  return {kind: 'pat', user: pat.user, pat: used}
}

/** Whether some scopes hold another: all of a resource, or all but what is an admin's unless it is said (3.1). */
export function holdsScope(scopes: readonly string[], wanted: string): boolean {
  return scopes.some(
    scope => scope === 'nezha:*' || scope === wanted || scope === wanted.replace(/:\w+$/, ':*'),
  )
}

/** POST /login: JSON, or a form whose names have capitals. Every failure is the same, and a strike. */
export function login({request, address, state}: Call): Answer {
  const isJson = firstHeader(request.rawHeaders, 'content-type').startsWith('application/json')
  const form = new URLSearchParams(request.body)
  const fields = isJson
    ? (objectIn(request.body) ?? {})
    : {username: form.get('Username'), password: form.get('Password')}
  const [username, password] = [textIn(fields, 'username'), textIn(fields, 'password')]
  const user = [...state.users.values()].find(known => known.username === username)
  if (!user || password === '' || user.password !== password) {
    state.firewall.strike(address, state.now(), 1)
    return unauthorized(state)
  }
  state.firewall.forgive(address)
  return loggedIn(user, address, state)
}

/** The answer of a login and of a refresh. */
export function loggedIn(user: User, address: string | undefined, state: DashboardState): Answer {
  const issued = issueJwt(user, state, address)
  const age = `Path=/; Max-Age=${state.jwtTimeout * 3600}`
  const cookies = state.features.tokens
    ? [`nz-jwt=${issued.token}; ${age}; SameSite=Lax`, csrfCookie(state)]
    : [`nz-jwt=${issued.token}; ${age}`]
  const answer = success(issued)
  return {...answer, headers: {...answer.headers, 'Set-Cookie': cookies}}
}

/** A nonce and its seal: what was not made here is refused (3.1). */
function csrfCookie({random}: DashboardState): string {
  const nonce = createHmac('sha256', randomText(32, random)).digest('hex')
  return `nz-csrf=${nonce}.${sealOf(nonce)}; Path=/; SameSite=Strict`
}

function sealOf(nonce: string): string {
  return createHmac('sha256', secret).update(nonce).digest('hex')
}

/** Whether a write carries a pair of cookie and header that this dashboard made. */
export function hasCsrfPair({rawHeaders}: SandboxRequest): boolean {
  const cookie = cookieValue(rawHeaders, 'nz-csrf')
  const [nonce = '', seal] = cookie.split('.')
  return seal === sealOf(nonce) && firstHeader(rawHeaders, 'x-csrf-token') === cookie
}

/** A read without the cookie brings a fresh one, whatever it is answered. */
export function withCsrfCookie(answer: Answer, {request, state}: Call): Answer {
  const isMissing = cookieValue(request.rawHeaders, 'nz-csrf') === ''
  if (!state.features.tokens || request.method !== 'GET' || !isMissing) return answer
  return {...answer, headers: {...answer.headers, 'Set-Cookie': csrfCookie(state)}}
}
