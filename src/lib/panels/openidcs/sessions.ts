import {PanelctlError} from '../../errors.js'
import type {Answer, Sessions} from '../../http/panel.js'
import {shortened} from '../../http/said.js'
import {type Envelope, envelopeOf} from './envelope.js'

/** Of v0.5 and newer, and of everything before (contracts/openidcs.md 1.3). */
const loginPaths = ['/api/login', '/login']

/**
 * An address that failed to log in too often, which no token can help for five minutes (newest only, 1.3). Nothing was done,
 * and later it is.
 */
export function lockedOut({url, status}: Answer, {msg}: Envelope): PanelctlError {
  const who = `OpenIDCS at ${url.host} takes no logins from this address for now`
  return new PanelctlError('UNREACHABLE', `${who}; it said: ${shortened(msg)}`, {
    panel: 'openidcs',
    status,
    hint: 'too many failed logins lock an address out for five minutes: try it later',
  })
}

/** The last one counts, as in a browser; one that is empty or expired takes a cookie away. */
function cookieOf({headers}: Answer): string | undefined {
  return [headers['set-cookie'] ?? []]
    .flat()
    .filter(cookie => !/;\s*max-age=0\b/i.test(cookie))
    .map(cookie => cookie.split(';', 1)[0]?.trim())
    .findLast(cookie => cookie !== undefined && /^session=./.test(cookie))
}

/**
 * The refusal that an answer is. The panel's own come with these three statuses only (1.1, 1.3); whatever has another
 * one and is in the same words may have been done, and is never sent again.
 */
function refusalIn({json, status}: Answer): Envelope | undefined {
  return [200, 401, 403].includes(status) ? envelopeOf(json) : undefined
}

/**
 * The session cookie that v0.2 to v0.5 want for lists, and the newest for NAT, IP and proxy writes, although the
 * token is good (1.3). Cookie and token together work on every version.
 */
export const sessions: Sessions = {
  wanted(answer) {
    const {url, method, status} = answer
    const code = refusalIn(answer)?.code
    if (loginPaths.some(path => url.pathname.endsWith(path))) return false
    // For want of a session 403 is only said of a VM that is read (1.3). Of a write it means a disabled host, which is
    // not written to again, and as an HTTP status a bad token.
    return code === 401 || (code === 403 && method === 'GET' && status === 200)
  },

  // Cookies die where the panel is started again (1.3, trap 5).
  lost: answer => refusalIn(answer)?.code === 401,

  async open(credential, send) {
    // A token that is bad anyway must not count as a failed login: five of them lock the address out for five minutes.
    const known = envelopeOf((await send({method: 'GET', path: '/api/system/statis'})).json)
    if (known?.code !== 200) return undefined
    for (const path of loginPaths) {
      const answer = await send({method: 'POST', path, body: {token: credential.value}})
      // How a version says that it has no such path (1.2).
      if (answer.status === 404 || answer.status === 405) continue
      const envelope = envelopeOf(answer.json)
      if (!envelope) {
        throw new PanelctlError(
          'BAD_RESPONSE',
          `the panel at ${answer.url.host} answered POST ${path} with JSON that is not OpenIDCS's`,
          {panel: 'openidcs', status: answer.status, hint: 'is this the address of an OpenIDCS panel?'},
        )
      }
      const cookie = cookieOf(answer)
      if (envelope.code === 200 && cookie !== undefined) return {headers: {cookie}}
      if (envelope.code === 429) throw lockedOut(answer, envelope)
      if (envelope.code === 200) {
        throw new PanelctlError(
          'AUTH',
          `OpenIDCS at ${answer.url.host} took the login, and its session has not come with the answer`,
          {
            panel: 'openidcs',
            status: answer.status,
            hint: 'a proxy before it takes the cookie out of its answers (Set-Cookie)',
          },
        )
      }
      throw new PanelctlError(
        'AUTH',
        `this version of OpenIDCS wants a session besides the token, and gave none; ${answer.url.host} said: ${shortened(envelope.msg)}`,
        {
          panel: 'openidcs',
          status: answer.status,
          // A temporary one is good for what the newest shows, and for no session (5.8).
          hint: 'is it the access token that the panel prints each time it starts, and not a temporary one?',
        },
      )
    }
    return undefined
  },
}
