import {PanelctlError} from '../../../errors.js'
import {atRoot} from '../../../http/gateway.js'
import type {Answer, Session, Sessions} from '../../../http/panel.js'
import {inBrackets, shortened} from '../../../http/said.js'
import {fieldOf, textAt} from '../../../json-object.js'
import {recognizeV0} from '../v0/envelope.js'

const CSRF = 'x-csrf-token'
const LOGIN = '/api/v1/login'

/** Of v2.1 and newer, which want it with each write, in a cookie and in a header (contracts/nezha.md 3.1). */
function csrfOf({headers}: Answer): string | undefined {
  return [headers['set-cookie'] ?? []]
    .flat()
    .map(cookie => /^nz-csrf=([^;]+)/.exec(cookie)?.[1])
    .findLast(value => value !== undefined)
}

/** What a header can carry. */
function isToken(text: string): boolean {
  return /^[\x21-\x7e]{1,8192}$/.test(text)
}

/** The session that a login or a renewal made; undefined where it was refused. */
function sessionIn(answer: Answer, before?: Session): Session | undefined {
  const data = fieldOf(answer.json, 'data')
  const token = textAt(data, 'token')
  if (fieldOf(answer.json, 'success') !== true || !isToken(token)) return undefined
  const csrf = csrfOf(answer) ?? before?.headers[CSRF]
  const ends = Date.parse(textAt(data, 'expire'))
  return {
    headers: {
      authorization: `Bearer ${token}`,
      ...(csrf === undefined ? {} : {cookie: `nz-csrf=${csrf}`, [CSRF]: csrf}),
    },
    // By the panel's clock, as it is told there.
    lasts: Number.isNaN(ends) ? undefined : ends - (answer.date ?? new Date()).getTime(),
  }
}

/**
 * What v1 and v2 give for a user name and a password: for an hour where nobody set another time (contracts/nezha.md 3.1). A
 * wrong login counts towards a block of the address, and is never repeated.
 */
export const sessions: Sessions = {
  needed: ({kind}) => kind === 'password',
  wanted: () => false,

  // Who sends a login that was revoked gets the firewall's page on some routes (3.1).
  lost: ({json, status, text}) =>
    fieldOf(json, 'error') === 'ApiErrorUnauthorized' || (status === 403 && /nezha WAF/i.test(text)),

  async open({value, user}, send) {
    const body = {username: user ?? '', password: value}
    const answer = await send({method: 'POST', path: LOGIN, body})
    const session = sessionIn(answer)
    if (session) return session
    const {host, pathname} = answer.url
    const base = pathname.slice(0, -LOGIN.length)
    const details = {panel: 'nezha', status: answer.status}
    if (recognizeV0(answer)) {
      throw new PanelctlError('AUTH', `the panel at ${host} takes no user name and password`, {
        ...details,
        hint: 'Nezha v0 takes an API token (NEZHA_TOKEN) or the cookie of a login (NEZHA_COOKIE)',
      })
    }
    const said = textAt(answer.json, 'error')
    if (!/^ApiError/.test(said)) {
      const what = answer.json === undefined ? `HTTP ${answer.status}` : "JSON that is not Nezha's"
      throw new PanelctlError(
        'BAD_RESPONSE',
        `the panel at ${host} answered POST ${pathname} with ${what}${inBrackets(answer)}`,
        {
          ...details,
          hint: base === '' ? 'is this the address of a Nezha dashboard?' : atRoot(base, answer.url),
        },
      )
    }
    throw new PanelctlError(
      'AUTH',
      `Nezha refused the user name or the password; ${host} said: ${shortened(said)}`,
      {
        ...details,
        hint: 'check them before you try again: each wrong login blocks this address for longer',
      },
    )
  },

  async renew(session, send) {
    const {headers} = session
    // A write since v2.1, which is when it gives that cookie, and a read before (3.1).
    const method = headers[CSRF] === undefined ? 'GET' : 'POST'
    return sessionIn(await send({method, path: '/api/v1/refresh-token', headers}), session)
  },
}
