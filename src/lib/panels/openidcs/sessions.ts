import {PanelctlError} from '../../errors.js'
import type {Answer, Sessions} from '../../http/panel.js'
import {envelopeOf} from './envelope.js'

/** Of v0.5 and newer, and of everything before (contracts/openidcs.md 1.3). */
const loginPaths = ['/api/login', '/login']

function cookieOf({headers}: Answer): string | undefined {
  const set = [headers['set-cookie'] ?? []].flat()
  return set.map(cookie => cookie.split(';', 1)[0]).find(cookie => cookie?.startsWith('session='))
}

/**
 * The session cookie that v0.2 to v0.5 want for lists, and the newest for NAT, IP and proxy writes, although the
 * token is good (1.3). Cookie and token together work on every version.
 */
export const sessions: Sessions = {
  wanted({json, url, method, status}) {
    const code = envelopeOf(json)?.code
    if (loginPaths.some(path => url.pathname.endsWith(path))) return false
    // For want of a session 403 is only said of a VM that is read (1.3). Of a write it means a disabled host, which is
    // not written to again, and as an HTTP status a bad token.
    return code === 401 || (code === 403 && method === 'GET' && status === 200)
  },

  // Cookies die where the panel is started again (1.3, trap 5).
  lost: ({json}) => envelopeOf(json)?.code === 401,

  async open(credential, send) {
    // A token that is bad anyway must not count as a failed login: five of them lock the address out for five minutes.
    const known = envelopeOf((await send({method: 'GET', path: '/api/system/statis'})).json)
    if (known?.code !== 200) return undefined
    for (const path of loginPaths) {
      const answer = await send({method: 'POST', path, body: {token: credential.value}})
      const envelope = envelopeOf(answer.json)
      if (!envelope) continue
      const cookie = cookieOf(answer)
      if (envelope.code === 200 && cookie !== undefined) return {cookie}
      throw new PanelctlError(
        'AUTH',
        `this version of OpenIDCS wants a session besides the token, and gave none; ${answer.url.host} said: ${envelope.msg}`,
        {
          panel: 'openidcs',
          status: answer.status,
          hint: 'too many failed logins lock an address out for five minutes: try it later',
        },
      )
    }
    return undefined
  },
}
