import {type ErrorDetails, PanelctlError} from '../errors.js'
import {type Hint, hint, type PanelctlCommand} from '../hint.js'
import {type Answer, noCredential, type Panel} from './panel.js'
import type {ProxyRoute} from './proxy.js'
import {redirectOf} from './redirect.js'
import {LONGEST_RETRY_AFTER} from './retry.js'

/** What failed, for messages: the call and the panel, and whether the call may have changed something. */
export interface Call {
  readonly panel: Panel
  readonly method: string
  readonly path: string
  readonly host: string
  /** A write: once sent, a missing answer does not say that it was not done. */
  readonly writes: boolean
  readonly lookWith: PanelctlCommand | undefined
}

const tlsCodes =
  /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/

const unconnectedCodes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])

/** got's limit is in its message only; the system's own time-out has none. */
function timeLimit(message: string): string {
  const milliseconds = /for (\d+)ms/.exec(message)?.[1]
  return milliseconds === undefined ? ' in time' : ` within ${Number(milliseconds) / 1000} s`
}

/** The names of a certificate out of what Node says of it: `… is not in the cert's altnames: DNS:a, IP Address:b`. */
function certificateNames(message: string): string {
  const listed = /.*(?:altnames|list|CN): (.+)$/.exec(message)?.[1] ?? ''
  return listed
    .replaceAll(/(DNS|IP Address):/g, '')
    .split(', ')
    .slice(0, 5)
    .join(', ')
}

function networkReason(code: string, message: string): {reason: string; hint?: string} {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = certificateNames(message)
    return {
      reason: 'its certificate is for another name',
      hint: `use a name that is in the certificate${names ? ` (${names})` : ''}`,
    }
  }
  if (tlsCodes.test(code)) {
    return {
      reason: `its certificate is not trusted (${message})`,
      hint: 'if it has a CA of its own: --ca-file FILE; to connect without checking: --insecure',
    }
  }
  switch (code) {
    case 'ECONNREFUSED':
      return {
        reason: 'nothing listens there (connection refused)',
        hint: 'check the host and port of the URL',
      }
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {reason: 'the host name cannot be resolved', hint: 'check the host name in the URL'}
    case 'ETIMEDOUT':
      return {reason: `no answer${timeLimit(message)}`, hint: 'allow more with --timeout 2m'}
    case 'ECONNRESET':
    case 'EPIPE':
      return {reason: 'the connection was cut'}
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return {reason: 'no route to the host'}
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return {reason: 'it does not speak TLS', hint: 'if it serves plain HTTP, use an http:// URL'}
    default:
      return {reason: message}
  }
}

/** The panel and where it is, as every message names it. */
function where({panel, host}: Call): string {
  return `${panel.title} at ${host}`
}

/** What whoever repeats a write in doubt has to do first. */
export function lookAgain({lookWith}: Call): Hint {
  return lookWith ? hint`look before you repeat it: ${lookWith}` : 'look before you repeat it'
}

/** What is said where a signal ends the wait for the answer to a write. */
export function interruptedWrite(call: Call): Hint {
  return hint`${call.method} ${call.path} was sent to ${where(call)} and may have been done; ${lookAgain(call)}`
}

/** A write that was sent and has no usable answer: exit 7, and the command to look with. */
export function inDoubt(call: Call, reason: string, details: ErrorDetails = {}): PanelctlError {
  return new PanelctlError(
    'UNCERTAIN',
    `${call.method} ${call.path} was sent to ${where(call)}, but ${reason}: it may have been done`,
    {hint: lookAgain(call), panel: call.panel.name, ...details},
  )
}

/** An answer in a shape that panelctl does not know: exit 10. */
export function badResponse(call: Call, reason: string, details: ErrorDetails = {}): PanelctlError {
  const {panel, method, path} = call
  return new PanelctlError('BAD_RESPONSE', `${where(call)} answered ${method} ${path} ${reason}`, {
    panel: panel.name,
    ...details,
  })
}

/** A proxy that made no tunnel to the panel, which nothing has reached then: 6, or 4 where it wants credentials. */
export function proxyRefusal(call: Call, proxy: ProxyRoute, status: number): PanelctlError {
  const name = `the proxy ${proxy.host} on the way to ${where(call)}`
  if (status === 407) return proxyPassword(name, proxy.variable)
  return new PanelctlError('UNREACHABLE', `${name} refused to connect there (HTTP ${status})`, {
    hint: `check the host and port of the URL; ${around(call, `the proxy of ${proxy.variable}`)}`,
    status,
  })
}

function around({host}: Call, proxy: string): string {
  return `to go around ${proxy}: NO_PROXY=${new URL(`http://${host}`).hostname}`
}

function proxyPassword(name: string, variable: string): PanelctlError {
  return new PanelctlError('AUTH', `${name} wants credentials`, {
    hint: `put them into ${variable}: http://USER:PASSWORD@HOST:PORT`,
    status: 407,
  })
}

/** JSON that ends before it should, or is none: exit 10. */
export function brokenBody(call: Call, reason: string, details: ErrorDetails): PanelctlError {
  const hint = 'try it again; if it stays so, does a proxy before the panel cut answers off?'
  return badResponse(call, reason, {hint, ...details})
}

/** Turns an error of the connection into ours: 6, or 7 for a write that had left. */
export function connectionFailure(
  call: Call,
  error: {code?: string | undefined; message: string},
  {sent, answering, proxy, url}: {sent: boolean; answering: boolean; proxy: ProxyRoute | undefined; url: URL},
): PanelctlError {
  const code = error.code ?? ''
  const {reason, hint} = networkReason(code, error.message)
  const unreachable = (whom: string, hint: Hint | undefined) =>
    new PanelctlError('UNREACHABLE', `cannot reach ${whom}: ${reason}`, {
      hint,
      panel: call.panel.name,
      cause: error,
    })
  if (call.writes && sent) return inDoubt(call, reason, {cause: error})
  // Whoever connects to a proxy does not connect to the panel: only the proxy can be missing.
  if (proxy && unconnectedCodes.has(code)) {
    return unreachable(
      `the proxy ${proxy.host} on the way to ${where(call)}`,
      `check ${proxy.variable}; ${around(call, 'the proxy')}`,
    )
  }
  if ((answering && code !== 'ETIMEDOUT') || code.startsWith('Z_'))
    return brokenBody(call, `with a body that does not arrive whole (${error.message})`, {cause: error})
  if (code === 'ERR_TOO_MANY_REDIRECTS')
    return badResponse(call, 'with one redirect after another', {hint: 'check the URL', cause: error})
  if (code.startsWith('HPE_')) {
    const details = {hint: 'check the port of the URL', cause: error}
    return badResponse(call, 'with something that is not HTTP', details)
  }
  // A TLS server hangs up on plain HTTP.
  const plain = code === 'ECONNRESET' && url.protocol === 'http:'
  return unreachable(
    `${where(call)}${proxy ? ` through the proxy ${proxy.host}` : ''}`,
    hint ?? (plain ? `does it serve HTTPS? try https://${call.host}` : undefined),
  )
}

/** The first words of a page, for a message: its tags and line breaks are of no use there. */
export function firstWords(text: string): string {
  const words = text
    .slice(0, 20_000)
    .replace(/<(script|style)[^>]*>[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return shortened(words, 60)
}

/** A text of a panel as a message may hold it: some say megabytes. */
export function shortened(text: string, length = 300): string {
  return text.length > length ? `${text.slice(0, length).replace(/[\ud800-\udbff]$/, '')}…` : text
}

function serverMessage(json: unknown): string {
  if (typeof json !== 'object' || json === null) return ''
  const message = 'message' in json ? json.message : 'error' in json ? json.error : undefined
  return typeof message === 'string' && message !== '' ? ` (${shortened(message)})` : ''
}

/** Seconds that a `Retry-After` header asks for, as a number or a date; undefined where there is none. */
function retryAfterSeconds(answer: Answer): number | undefined {
  const header = answer.headers['retry-after']
  if (typeof header !== 'string') return undefined
  const seconds = Number(header)
  if (!Number.isNaN(seconds)) return seconds
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, Math.round((date - Date.now()) / 1000))
}

/**
 * The failure that an answer's status alone decides, before its body is looked at:
 * too many requests and server errors, redirects that were not followed, a proxy that wants a password.
 */
export function statusFailure(call: Call, answer: Answer): PanelctlError | undefined {
  const {status} = answer
  if (status === 407) return proxyPassword(`the proxy on the way to ${call.host}`, 'the proxy variable')
  if (status >= 300 && status < 400) {
    const target = redirectOf(answer)
    return badResponse(call, `with a redirect${target ? ` to ${target.origin}` : ''} that is not followed`, {
      status,
      hint: target ? `if that is the panel, use its own address: --url ${target.origin}` : 'check the URL',
    })
  }
  if (status === 408 || status === 429 || status >= 500) {
    const wait = retryAfterSeconds(answer)
    const reason = `HTTP ${status}${serverMessage(answer.json)}`
    if (call.writes && status !== 429) return inDoubt(call, `the answer was ${reason}`, {status})
    const tooLong = wait !== undefined && wait * 1000 > LONGEST_RETRY_AFTER
    return new PanelctlError(
      'UNREACHABLE',
      `${where(call)} answered ${call.method} ${call.path} with ${reason}`,
      {
        hint:
          wait === undefined
            ? 'try again later'
            : `it asks to be left alone for ${wait} s${tooLong ? ', longer than panelctl waits' : ''}`,
        panel: call.panel.name,
        status,
      },
    )
  }
  return undefined
}

// nginx and HAProxy, Go's net/http, Apache.
const plainOnTls =
  /plain HTTP request was sent to (an )?HTTPS|HTTP request to an HTTPS server|plain HTTP to an SSL-enabled/i

/** The failure for an answer that is not JSON: a proxy's page, a wrong address, an empty body. */
export function pageFailure(call: Call, answer: Answer): PanelctlError {
  const {status} = answer
  if (status === 401) return unauthorized(call, answer)
  const recognized = call.panel.recognize(answer)
  if (recognized) return recognized
  if (answer.text.trim() === '') {
    if (call.writes && status < 300) return inDoubt(call, 'the answer was empty', {status})
    return badResponse(call, `with HTTP ${status} and an empty body`, {status})
  }
  if (status === 400 && plainOnTls.test(answer.text)) {
    return badResponse(call, 'with HTTP 400: it wants HTTPS at this port', {
      status,
      hint: `try https://${call.host}`,
    })
  }
  const type = String(answer.headers['content-type'] ?? 'no content type').split(';')[0]
  const look =
    call.writes && status < 300 && call.lookWith ? hint`; it may have been done: ${call.lookWith}` : ''
  return badResponse(
    call,
    `with HTTP ${status} and a page instead of JSON (${type}): ${firstWords(answer.text)}`,
    {
      status,
      hint: hint`check that the URL is the dashboard itself, not a login page in front of it${look}`,
    },
  )
}

/** HTTP 401 without the panel's own words. */
export function unauthorized(call: Call, {credential}: Answer): PanelctlError {
  const what =
    credential === undefined
      ? `${noCredential}; ${where(call)} answered HTTP 401`
      : `${where(call)} refused the ${credential} (HTTP 401)`
  const {credentialHint, name} = call.panel
  return new PanelctlError('AUTH', what, {hint: credentialHint, panel: name, status: 401})
}
