import {PanelctlError} from '../errors.js'
import {badResponse, brokenBody, type Call, inDoubt, orAround, unreadable, where} from './failure.js'
import {
  challenge,
  front,
  gatewayLogin,
  gatewayRefusal,
  isGatewayStatus,
  nearRoot,
  redirectFailure,
} from './gateway.js'
import {type Answer, NotTaken} from './panel.js'
import {LONGEST_RETRY_AFTER, retryAfter} from './retry.js'
import {firstWords, inBrackets, shortened} from './said.js'

/**
 * The failure that an answer's status alone decides, before its body is looked at:
 * too many requests and server errors, redirects that were not followed, a proxy or a gateway that wants a password.
 */
export function statusFailure(call: Call, answer: Answer): PanelctlError | undefined {
  const {status} = answer
  if (status === 407) return gatewayLogin(call, answer)
  if (status === 401 && answer.headers['www-authenticate'] !== undefined) return gatewayLogin(call, answer)
  if (status >= 300 && status < 400) return redirectFailure(call, answer)
  if (status === 206)
    return unreadable(call, brokenBody(call, 'with HTTP 206, a part of an answer', {status}))
  if (answer.headers['cf-mitigated'] !== undefined || status === 511) return challenge(call, answer)
  if (status === 408 || status === 429 || status >= 500) {
    const recognized = call.panel.recognize(answer)
    if (recognized instanceof NotTaken) return nearRoot(call, answer, recognized)
    const wait = retryAfter(answer.headers)
    const reason = `HTTP ${status}${inBrackets(answer)}`
    const isGateway = isGatewayStatus(status)
    const who = isGateway ? front(call) : where(call)
    if (call.writes && status !== 429) {
      const answered = call.proxy && isGateway ? `${who} answered with` : 'the answer was'
      return inDoubt(call, `${answered} ${reason}`, {status})
    }
    const seconds = Math.round((wait ?? 0) / 1000)
    const tooLong = wait !== undefined && wait > LONGEST_RETRY_AFTER
    const later = 'try again later'
    return new PanelctlError('UNREACHABLE', `${who} answered ${call.method} ${call.path} with ${reason}`, {
      hint:
        seconds === 0
          ? isGateway
            ? orAround(call, later)
            : later
          : `it asks to be left alone for ${seconds} s${tooLong ? ', longer than panelctl waits' : ''}`,
      panel: call.panel.name,
      status,
    })
  }
  return undefined
}

// nginx and HAProxy, Go's net/http, Apache.
const plainOnTls =
  /plain HTTP request was sent to (an )?HTTPS|HTTP request to an HTTPS server|plain HTTP to an SSL-enabled/i

/** The failure for an answer that is not JSON: a proxy's page, a wrong address, an empty body. */
export function pageFailure(call: Call, answer: Answer): PanelctlError {
  const {status} = answer
  if (status === 401) return gatewayLogin(call, answer)
  const recognized = call.panel.recognize(answer)
  if (recognized) return nearRoot(call, answer, recognized)
  if (status === 400 && plainOnTls.test(answer.text)) {
    return badResponse(call, 'with HTTP 400: it wants HTTPS at this port', {
      status,
      hint: `try https://${call.host}`,
    })
  }
  // No panel has such a page; one with 404 is any server's, so that it is the address that is doubted.
  if (status >= 400 && status !== 404) return gatewayRefusal(call, answer)
  if (answer.text.trim() === '') {
    if (call.writes && status < 300) return inDoubt(call, 'the answer was empty', {status})
    return badResponse(call, `with HTTP ${status} and an empty body`, {status})
  }
  const type = String(answer.headers['content-type'] ?? 'no content type').split(';')[0]
  const led = answer.ledTo === undefined ? '' : `, after a redirect to ${shortened(answer.ledTo.pathname)}`
  const words = firstWords(answer.text)
  // Read all the same it would be believed of whoever says nothing of its type: what the panels say is in theirs.
  const isJson = /^\s*[[{]/.test(answer.text)
  const what = isJson ? 'JSON under another type' : 'a page instead of JSON'
  const page = `${what} (${type})${led}${words === '' ? '' : `: ${words}`}`
  const failure = badResponse(call, `with HTTP ${status} and ${page}`, {
    status,
    hint: isJson
      ? 'does a proxy before the panel change its content type, which has to be application/json?'
      : ((status === 200 && call.method === 'GET' ? call.panel.pageHint : undefined) ??
        'check that the URL is the dashboard itself, not a login page in front of it'),
  })
  return nearRoot(call, answer, failure)
}
