import type {Answer, SandboxRequest} from '../answer.js'
import {redirect} from '../go/answers.js'
import {cookieValue, firstHeader} from '../go/headers.js'
import {goMismatch, jsonSyntaxError} from '../go/json-error.js'
import {type Fields, objectIn, textIn} from '../json-object.js'
import {randomText} from '../random.js'
import {failure, plainSuccess, socketFailure} from './answers.js'
import type {Call} from './call.js'
import {sessionOf} from './identity.js'
import {deliver} from './senders.js'
import type {KomariState} from './state.js'
import {isRightCode} from './totp.js'

const thirtyDays = 2_592_000

/** POST /api/login (contracts/komari.md 1.4): no lockout, a new session each time, the code a string. */
export function login({request, state}: Call): Answer {
  const {settings, user} = state
  if (settings.disable_password_login === true) return failure(403, 'Password login is disabled')
  const input = decode(request.body)
  if (typeof input === 'string') return failure(400, `Invalid request body: ${input}`)
  const [username, password] = [textIn(input, 'username'), textIn(input, 'password')]
  const code = textIn(input, '2fa_code')
  if (username === '' || password === '') {
    return failure(400, 'Invalid request body: Username and password are required')
  }
  if (username !== user.username || password !== user.password) return failure(401, 'Invalid credentials')
  if (user.totpSecret !== undefined) {
    if (code === '') return failure(401, '2FA code is required')
    if (!isRightCode(user.totpSecret, code, state.now())) return failure(401, 'Invalid 2FA code')
  }
  const token = randomText(32, state.random)
  state.addSession(token, firstHeader(request.rawHeaders, 'user-agent'))
  state.log('logged in (password)', 'login', user.uuid)
  if (state.settings.login_notification === true) deliver(state, 'Login')
  return withCookie(
    plainSuccess({'set-cookie': {session_token: token}}),
    `session_token=${token}; Path=/; Max-Age=${thirtyDays}; ${attributes(request, state)}`,
  )
}

function attributes(request: SandboxRequest, {features}: KomariState): string {
  if (!features.physicalCores) return 'HttpOnly'
  return isSecure(request) ? 'HttpOnly; Secure; SameSite=Lax' : 'HttpOnly; SameSite=Lax'
}

/** A proxy's word for HTTPS; a list of protocols does not count (1.4). */
function isSecure({rawHeaders}: SandboxRequest): boolean {
  const protocols = ['x-forwarded-proto', 'x-forwarded-protocol', 'x-url-scheme']
  return (
    protocols.some(name => firstHeader(rawHeaders, name) === 'https') ||
    firstHeader(rawHeaders, 'x-forwarded-ssl') === 'on'
  )
}

function withCookie(answer: Answer, cookie: string): Answer {
  return {...answer, headers: {...answer.headers, 'Set-Cookie': cookie}}
}

const texts = {username: 'string', password: 'string', '2fa_code': 'string'} as const

/** The fields of the body, or Go's words for what is wrong with it. */
function decode(body: string): Fields | string {
  if (body === '') return 'unexpected end of JSON input'
  const syntax = jsonSyntaxError(body)
  if (syntax !== undefined) return syntax
  const json: unknown = JSON.parse(body) ?? {}
  return goMismatch(json, 'public.LoginRequest', texts) ?? (json as Fields)
}

/** GET /api/logout: 302 for everybody (1.6). */
export function logout({request, state}: Call): Answer {
  const session = sessionOf(request, state)
  if (session) state.sessions.delete(session.session)
  const sameSite = state.features.physicalCores ? '; SameSite=Lax' : ''
  return withCookie(redirect(302, '/', 'GET'), `session_token=; Path=/; Max-Age=0; HttpOnly${sameSite}`)
}

/** GET /api/oauth: to the provider, or 403 (1.5). */
export function oauth({state}: Call): Answer {
  const {settings} = state
  if (settings.o_auth_enabled !== true) return socketFailure(403, 'OAuth is not enabled')
  const secret = randomText(16, state.random)
  const id = encodeURIComponent(textIn(settings, 'oauth_client_id'))
  const provider = textIn(settings, 'o_auth_provider')
  const location = `https://${provider}.com/login/oauth/authorize?client_id=${id}&state=${secret}&scope=user:email`
  return withCookie(redirect(302, location, 'GET'), `oauth_state=${secret}; Path=/; Max-Age=3600; HttpOnly`)
}

/** GET /api/oauth_callback: the state is never the one that was given out (1.5). */
export function oauthCallback(): Answer {
  return withCookie(socketFailure(400, 'Invalid state'), 'oauth_state=; Path=/; Max-Age=0; HttpOnly')
}

/** The code of a request by a user with 2FA, for what is sensitive (3.5). */
function refusedCode({request, target: {query}, caller, state}: Call): Answer | undefined {
  const secret = state.user.totpSecret
  if (secret === undefined || caller.kind !== 'session') return undefined
  const code =
    firstHeader(request.rawHeaders, 'x-2fa-code') ||
    firstHeader(request.rawHeaders, 'x-two-factor-code') ||
    query.get('2fa_code')
  if (!code) return failure(401, '2FA code is required')
  return isRightCode(secret, code, state.now()) ? undefined : failure(401, 'Invalid 2FA code')
}

/** POST /api/admin/2fa/enable?code= with the secret's cookie (3.5). */
export function enableTwoFactor({request, target, state}: Call): Answer {
  const [secret, code] = [cookieValue(request.rawHeaders, '2fa_secret'), target.query.get('code')]
  if (secret === '' || !code) return failure(400, '2FA secret or code not provided')
  if (!isRightCode(secret, code, state.now())) return failure(400, 'Invalid 2FA code')
  state.user = {...state.user, totpSecret: secret}
  return withCookie(plainSuccess('2FA enabled successfully'), '2fa_secret=; Path=/; Max-Age=0; HttpOnly')
}

/** POST /api/admin/2fa/disable: an API key has no user, and nothing happens (3.5). */
export function disableTwoFactor(call: Call): Answer {
  const {caller, state} = call
  const refusal = refusedCode(call)
  if (refusal) return refusal
  if (caller.kind === 'session') state.user = {...state.user, totpSecret: undefined}
  return plainSuccess('')
}

/** POST /api/admin/update/user: another password, even the same, ends every session (1.4, 3.5). */
export function updateUser({request, state}: Call): Answer {
  const {uuid, username, password} = objectIn(request.body) ?? {}
  if (typeof uuid !== 'string' || uuid === '') return failure(400, 'Invalid or missing UUID')
  if (typeof username === 'string' && username.length < 3) {
    return failure(400, 'Username must be at least 3 characters long')
  }
  if (typeof password === 'string' && password.length < 6) {
    return failure(400, 'Password must be at least 6 characters long')
  }
  if (typeof username === 'string' && username !== '') state.user = {...state.user, username}
  if (typeof password === 'string' && password !== '') state.user = {...state.user, password}
  if (password) state.sessions.clear()
  return plainSuccess({uuid})
}
