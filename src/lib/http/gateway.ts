import {PanelctlError} from '../errors.js'
import {badResponse, type Call, orAround, unreadable, where} from './failure.js'
import type {Answer} from './panel.js'
import {redirectOf} from './redirect.js'
import {inBrackets, shortened} from './said.js'

/** Whoever stands between us and the panel: nginx, a CDN, a login service, a proxy. What it says is not the panel's. */
export function front(call: Call): string {
  const before = `what stands before ${where(call)}`
  return call.proxy ? `the proxy ${call.proxy.host} or ${before}` : before
}

/** From a proxy whose server is gone or slow, that counts requests, and Cloudflare's own: a panel has none of these but on a page that it is recognized by. */
export function isGatewayStatus(status: number): boolean {
  return [408, 429, 502, 503, 504].includes(status) || (status >= 520 && status <= 530)
}

export function letPass(call: Call): string {
  const says = "let panelctl's requests pass there, or send the headers that it wants: --header 'NAME: @FILE'"
  return orAround(call, says)
}

/** What stands before the panel wants a login of its own: nothing is known of what the panel would let us see. */
class GatewayLogin extends PanelctlError {}

/** Whether the panel itself says that the credential may not; where a gateway wants a login, nobody asked it. */
export function mayNotBeRead(error: unknown): error is PanelctlError {
  return error instanceof PanelctlError && error.code === 'AUTH' && !(error instanceof GatewayLogin)
}

/** A 401 that is not in the panel's words, or a 407: no panel has one. Exit 4, as some credential is missing. That of a proxy in use is told by then. */
export function gatewayLogin({proxy: _, ...call}: Call, answer: Answer): PanelctlError {
  const {status, headers} = answer
  const scheme = headers[status === 407 ? 'proxy-authenticate' : 'www-authenticate']
  const asked = [scheme ?? []].flat().join(', ')
  return new GatewayLogin(
    'AUTH',
    `${front(call)} wants a login of its own: HTTP ${status}${asked === '' ? '' : `, ${asked}`}${inBrackets(answer)}`,
    {hint: letPass(call), panel: call.panel.name, status},
  )
}

/** A page that only a browser gets past (Cloudflare says so in `cf-mitigated`, a guest network with HTTP 511): the panel was not asked. */
export function challenge(call: Call, answer: Answer): PanelctlError {
  const {status} = answer
  const reason = `with HTTP ${status} and a question for a browser${inBrackets(answer)}`
  return badResponse(call, reason, {hint: letPass(call), status}, front(call))
}

function afterRefusal(call: Call, {status, text}: Answer): string {
  const {method, host, panel} = call
  if (/SSL certificate/i.test(text))
    return 'it wants a client certificate, which panelctl cannot give: let its requests pass there without one'
  if (status === 405)
    return `it lets no ${method} through: let that pass there; or is this not the address of ${panel.site}?`
  if (status === 413) return 'let larger requests pass there (nginx: client_max_body_size)'
  if (status === 421) return `is the name ${new URL(`http://${host}`).hostname} known there? check the URL`
  return letPass(call)
}

/** A status from 400 on that the panel has none of, on a page or in words that are not the panel's: it was not asked. */
export function gatewayRefusal(call: Call, answer: Answer): PanelctlError {
  const {status} = answer
  const reason = `with HTTP ${status}${inBrackets(answer)}`
  return badResponse(call, reason, {hint: afterRefusal(call, answer), status}, front(call))
}

/** JSON in which nothing is the panel's. */
export function foreignFailure(call: Call, answer: Answer): PanelctlError {
  const {panel, host} = call
  const {status} = answer
  // What stands before it wants credentials.
  if (status === 401) return gatewayLogin(call, answer)
  if (status >= 400 && status !== 404) return gatewayRefusal(call, answer)
  const reason = `with JSON that is not ${panel.title}'s${inBrackets(answer)}`
  const details = {hint: `is this the address of ${panel.site}?`, status}
  return unreadable(call, nearRoot(call, answer, badResponse(call, reason, details, `the panel at ${host}`)))
}

/** Whether the words of an address are those of a login, which may keep the path. */
function isLogin({hostname}: URL, path: string): boolean {
  return /(^|[./_-])(log-?in|sign-?in|sso|auth|oauth2?|oidc|saml|idp|accounts?)([./_-]|$)/i.test(
    `${hostname.split('.', 1)[0]}${path}`,
  )
}

/** A redirect that credentials may not follow, or none can. */
export function redirectFailure(call: Call, answer: Answer): PanelctlError {
  const {status, url} = answer
  const to = redirectOf(answer)
  if (!to) {
    const isRedirect = answer.headers.location !== undefined
    const what = isRedirect ? 'a redirect that leads nowhere' : `HTTP ${status}, which is no answer`
    return badResponse(call, `with ${what}`, {status, hint: letPass(call)}, front(call))
  }
  if (to.href === url.href) return redirectsGoRound(call, {status})
  const own = url.pathname.slice((call.base ?? '').length)
  if (to.origin === url.origin && to.pathname.replace(/\/$/, '') === url.pathname.replace(/\/$/, '')) {
    const path = url.pathname.endsWith('/') ? own.slice(0, -1) : `${own}/`
    return badResponse(call, `with a redirect to ${to.pathname}`, {status, hint: `the path is ${path}`})
  }
  // Whoever sends everybody elsewhere keeps the path: anything else is not the panel, but most likely a login.
  const below = to.pathname.slice(0, -own.length)
  const keepsPath = to.pathname.endsWith(own) && to.search === url.search
  if (to.origin !== url.origin && keepsPath && !isLogin(to, below)) {
    const address = `${to.origin}${below}`
    return badResponse(call, `with a redirect to ${to.origin} that is not followed`, {
      status,
      hint: `if that is the panel, use its own address: --url ${address}`,
    })
  }
  const target = `${to.origin === url.origin ? '' : to.origin}${to.pathname}`
  const reason = `with a redirect to ${shortened(target)}, which is not followed`
  return badResponse(call, reason, {hint: `is that a login? ${letPass(call)}`, status}, front(call))
}

/** Redirects without end. */
export function redirectsGoRound(call: Call, details: {status?: number; cause?: unknown}): PanelctlError {
  return badResponse(call, 'with redirects that go round', {
    hint: `does what stands before the panel ask it over HTTP, which it redirects to HTTPS (Cloudflare: take "Full" instead of "Flexible")? else check the URL`,
    ...details,
  })
}

/** What to try where the URL has a path and the panel is not there. */
export function atRoot(base: string, {origin}: URL): string {
  return `check the path of the URL: without ${base} it is ${origin}`
}

/** The same failure, with the address to try where the URL has a path and the panel is not there. */
export function nearRoot<Failure extends PanelctlError>(
  call: Call,
  answer: Answer,
  failure: Failure,
): Failure {
  if (call.base === undefined || failure.code !== 'BAD_RESPONSE') return failure
  return Object.assign(failure, {hint: atRoot(call.base, answer.url)})
}
