import {maxHeaderSize} from 'node:http'
import {PanelctlError} from '../errors.js'
import {around, badResponse, brokenBody, type Call, type Goal, goalOf, inDoubt, where} from './failure.js'
import {redirectsGoRound} from './gateway.js'
import {isOfProxy, type ProxyRoute} from './proxy.js'

/** What Node says of a certificate (X509_V_ERR_ of OpenSSL); of a weak key or hash it says UNSPECIFIED. */
const tlsCodes =
  /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT|ERROR_IN_CERT_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|UNSPECIFIED$)/

/** Of a connection that never came about. */
const unconnectedCodes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])

/** got's limit is in its message only; the system's own time-out has none. */
function timeLimit(message: string): string {
  const milliseconds = /for (\d+)ms/.exec(message)?.[1]
  return milliseconds === undefined ? ' in time' : ` within ${Number(milliseconds) / 1000} s`
}

/** All the names of a certificate, `DNS:a, IP Address:b`, that Node's error brings, or the one that wraps it. */
function alternativeNames(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const cert: unknown = 'cert' in error ? error.cert : undefined
  if (typeof cert !== 'object' || cert === null || !('subjectaltname' in cert))
    return alternativeNames(error.cause)
  return String(cert.subjectaltname ?? '')
}

/** Its names, else those in what Node says: `… is not in the cert's altnames: DNS:a, IP Address:b`. For an address that has IP addresses alone. */
function certificateNames(message: string, error: unknown): string {
  const listed = alternativeNames(error) || (/^.*(?:altnames|list|CN): (.*)$/.exec(message)?.[1] ?? '')
  return listed
    .replaceAll(/(DNS|IP Address):/g, '')
    .split(', ')
    .slice(0, 5)
    .join(', ')
}

/** The number of a TLS alert (RFC 8446 6) with which a server ended the handshake. */
function alertOf(message: string): number | undefined {
  const number = /SSL alert number (\d+)/.exec(message)?.[1]
  return number === undefined ? undefined : Number(number)
}

/** Alerts about a certificate, ours: there is none. Over TLS 1.3 one comes when the request has left, and still means that nothing read it. */
const certificateAlerts = new Set([41, 42, 43, 44, 45, 46, 116])

const noTls = 'it does not speak TLS'

/** Why a handshake failed, without the places in OpenSSL's source. */
function handshakeReason(code: string, message: string): {reason: string; hint?: string} {
  const alert = alertOf(message)
  const hint = 'use an address of the panel where none is asked for'
  if (alert !== undefined && certificateAlerts.has(alert))
    return {reason: 'it wants a client certificate, which panelctl cannot give', hint}
  if (alert === 40) {
    // Of OpenSSL before TLS 1.3 it is the word for a certificate that is missing as well.
    const reason = 'it refuses the TLS handshake: it wants a client certificate, which panelctl cannot give'
    return {reason: `${reason}, or does not serve this name`, hint}
  }
  if (alert === 70 || /UNSUPPORTED_PROTOCOL|unsupported protocol/.test(code + message))
    return {reason: 'it speaks only an older TLS than 1.2'}
  if (/wrong.version.number|packet.length.too.long|http.request/i.test(code + message))
    return {reason: noTls, hint: 'if it serves plain HTTP, use an http:// URL'}
  const said = /SSL routines:[^:]*:([^:]+)/.exec(message)?.[1] ?? message
  return {reason: `the TLS handshake failed (${said})`}
}

/** What mends a certificate that is not trusted. */
function certificateHint(code: string): string {
  const unchecked = 'to connect without checking: --insecure'
  switch (code) {
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return `is it ${new Date().toISOString().slice(0, 16)}Z, as the clock of this machine says? then it has to be renewed, or that of its CA; else set the clock`
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return `it is its own CA: --ca-file FILE with the certificate itself; ${unchecked}`
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      // Of a server that was given cert.pem in the place of fullchain.pem too.
      return `if it has a CA of its own: --ca-file FILE; else its server has to send the whole chain (fullchain.pem); ${unchecked}`
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'CERT_UNTRUSTED':
      return `if it has a CA of its own: --ca-file FILE; ${unchecked}`
    default:
      return `the panel needs another one; ${unchecked}`
  }
}

/** 16 KiB, unless Node was told another (`--max-http-header-size`). */
function headerLimit(): string {
  return maxHeaderSize % 1024 === 0 ? `${maxHeaderSize / 1024} KiB` : `${maxHeaderSize} bytes`
}

/** Why a connection failed, and what mends it. */
export function networkReason(
  code: string,
  message: string,
  error?: unknown,
): {reason: string; hint?: string} {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = certificateNames(message, error)
    return {
      reason: 'its certificate is for another name',
      hint: `use a name that is in the certificate${names ? ` (${names})` : ''}`,
    }
  }
  if (tlsCodes.test(code))
    return {reason: `its certificate is not trusted (${message})`, hint: certificateHint(code)}
  switch (code) {
    case 'ECONNREFUSED':
      return {
        reason: 'nothing listens there (connection refused)',
        hint: 'check the host and port of the URL',
      }
    case 'ENOTFOUND':
      return {reason: 'the host name cannot be resolved', hint: 'check the host name in the URL'}
    case 'EAI_AGAIN':
      // No server of names has answered, or has said that it cannot tell now: the name may be right.
      return {
        reason: 'the host name cannot be resolved now (EAI_AGAIN)',
        hint: 'is this machine online, and does its DNS server answer? then check the host name in the URL',
      }
    case 'ETIMEDOUT':
      return {reason: `no answer${timeLimit(message)}`, hint: 'allow more with --timeout 2m'}
    case 'ECONNRESET':
    case 'EPIPE':
      return {reason: 'the connection was cut'}
    case 'EMFILE':
    case 'ENFILE':
      return {reason: `too many files are open here (${code})`, hint: 'allow more: ulimit -n'}
    case 'HPE_HEADER_OVERFLOW':
      return {reason: `the headers of the answer are longer than ${headerLimit()}`}
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'ENETDOWN':
      return {reason: 'no route to the host'}
    case 'EACCES':
    case 'EPERM':
      return {reason: `this machine does not let it connect there (${code})`, hint: 'is it a firewall here?'}
    case 'EADDRNOTAVAIL':
      return {reason: `this machine has no address or port left to connect from (${code})`}
    case 'EINVAL':
      return {
        reason: `the system takes no such address (${code})`,
        hint: 'one that begins with fe80: needs an interface, which a URL cannot name: use another address',
      }
    default:
      if (code.startsWith('HPE_')) return {reason: 'what it answers is not HTTP'}
      return code === 'EPROTO' || code.startsWith('ERR_SSL_')
        ? handshakeReason(code, message)
        : {reason: message}
  }
}

/** Whether no request would get through either, so that the kind of request has no part in it. */
export function concernsAll(code: string | undefined): boolean {
  return (
    code !== undefined &&
    (unconnectedCodes.has(code) || /^(EPROTO|ERR_SSL_)/.test(code) || tlsCodes.test(code))
  )
}

/** A proxy that made no tunnel to where it was asked for, which nothing has reached then: 6, or 4 where it wants credentials. */
export function proxyRefusal(goal: Goal, proxy: ProxyRoute, status: number): PanelctlError {
  const name = `the proxy ${proxy.host} on the way to ${goal.name}`
  // Tinyproxy has 401 for a wrong password; the panel is not asked yet, so that it is nobody else's.
  if (status === 407 || status === 401) {
    return new PanelctlError(
      'AUTH',
      `${name} ${proxy.hasCredentials ? 'refused its credentials' : 'wants credentials'}`,
      {
        hint: `put them into ${proxy.variable}: http://USER:PASSWORD@HOST:PORT`,
        status,
      },
    )
  }
  const said = Number.isNaN(status)
    ? 'answers with something that is not HTTP'
    : `refused to connect there (HTTP ${status})`
  return new PanelctlError('UNREACHABLE', `${name} ${said}`, {
    hint: `check the host and port of the URL; ${around(goal, `the proxy of ${proxy.variable}`)}`,
    status: Number.isNaN(status) ? undefined : status,
  })
}

/**
 * For an answer that came over plain HTTP.
 * @throws PanelctlError AUTH or UNREACHABLE where it is that of the proxy which was to forward the request, and did not
 */
export function throwRefusal(
  goal: Goal,
  proxy: ProxyRoute | undefined,
  response: Parameters<typeof isOfProxy>[0],
): void {
  if (proxy && isOfProxy(response)) throw proxyRefusal(goal, proxy, response.statusCode)
}

/** What a proxy on the way did, where it is not whoever was to be reached that failed: whoever connects to it connects to nobody else. */
export function proxyFailure(
  goal: Goal,
  proxy: ProxyRoute | undefined,
  error: {code?: string | undefined; message: string},
): PanelctlError | undefined {
  const status = proxy?.refusal()
  if (proxy && status !== undefined) return proxyRefusal(goal, proxy, status)
  const code = error.code ?? ''
  if (!proxy?.isMissed() || !concernsAll(code)) return undefined
  const {reason, hint} = networkReason(code, error.message, error)
  const check =
    reason === noTls
      ? `if it is a proxy by plain HTTP: ${proxy.variable}=http://${proxy.host}`
      : tlsCodes.test(code) && hint !== undefined && goal.panel !== undefined
        ? hint
        : `check ${proxy.variable}`
  return new PanelctlError(
    'UNREACHABLE',
    `cannot reach the proxy ${proxy.host} on the way to ${goal.name}: ${reason}`,
    {hint: `${check}; ${around(goal, 'the proxy')}`, panel: goal.panel, cause: error},
  )
}

/** Where a URL leads to what is not HTTP. */
function portHint({panel, host}: Call, {protocol, port}: URL): string {
  if (port === panel.agentPort)
    return `${port} is the port for its agents: the URL of the dashboard has another`
  return protocol === 'http:'
    ? `check the port of the URL; if it serves HTTPS: https://${host}`
    : 'check the port of the URL'
}

/** Turns an error of the connection into ours: 6, or 7 for a write that had left. */
export function connectionFailure(
  call: Call,
  error: {code?: string | undefined; message: string},
  {
    sent,
    answering,
    speaksHttp,
    proxy,
    url,
    ledTo,
  }: {
    sent: boolean
    answering: boolean
    speaksHttp: boolean
    /** The one on the way to where it failed. */
    proxy: ProxyRoute | undefined
    url: URL
    /** Where redirects had led before it failed: to HTTPS of the same host at most. */
    ledTo?: URL | undefined
  },
): PanelctlError {
  const code = error.code ?? ''
  const {reason, hint} = networkReason(code, error.message, error)
  const {protocol, origin} = ledTo ?? url
  const isLed = protocol !== url.protocol
  // Its first bytes are none of HTTP: what does not speak it has read no request.
  if (code === 'HPE_INVALID_CONSTANT' && !speaksHttp) {
    if (proxy && protocol === 'http:') return proxyRefusal(goalOf(call), proxy, Number.NaN)
    return badResponse(call, 'with something that is not HTTP', {hint: portHint(call, url), cause: error})
  }
  if (call.writes && sent && !certificateAlerts.has(alertOf(error.message) ?? 0))
    return inDoubt(call, reason, {cause: error})
  const ofProxy = proxyFailure(goalOf(call), proxy, error)
  if (ofProxy) return ofProxy
  if (code === 'ERR_TOO_MANY_REDIRECTS') return redirectsGoRound(call, {cause: error})
  if (answering && code !== 'ETIMEDOUT')
    return brokenBody(call, `with a body that does not arrive whole (${reason})`, {cause: error})
  if (code.startsWith('HPE_'))
    return badResponse(call, `in a way that cannot be read: ${reason}`, {cause: error})
  // A TLS server hangs up on plain HTTP.
  const plain = code === 'ECONNRESET' && protocol === 'http:'
  const overTls = proxy
    ? `check ${proxy.variable}, and its port; ${around(call, 'the proxy')}`
    : `does it serve HTTPS? try https://${call.host}`
  const misled = `its answer to ${url.origin} leads there: correct that redirect, or use the address of the panel itself`
  const whom = isLed ? `${origin}, where ${where(call)} redirects to` : where(call)
  return new PanelctlError(
    'UNREACHABLE',
    `cannot reach ${whom}${proxy ? ` through the proxy ${proxy.host}` : ''}: ${reason}`,
    {
      hint:
        isLed && !tlsCodes.test(code) && code !== 'ETIMEDOUT'
          ? misled
          : (hint ?? (plain ? overTls : undefined)),
      panel: call.panel.name,
      cause: error,
    },
  )
}
