import {PanelctlError} from '../../../errors.js'
import {type Hint, hint, panelctl} from '../../../hint.js'
import {
  type Answer,
  foreign,
  intoPlace,
  NoSuchRoute,
  NotTaken,
  noCredential,
  orLost,
  sessionLost,
} from '../../../http/panel.js'
import {shortened} from '../../../http/said.js'
import {fieldOf, isObject, textAt} from '../../../json-object.js'
import {credentialHint} from '../credential-hint.js'

/** What the envelope has, each only where it is not empty (contracts/nezha.md 3.0). */
const envelope = new Set(['success', 'data', 'error'])

/** A refusal of the credential, which comes with HTTP 200 for logins and 401 or 403 for API tokens (3.1). */
function refusal({url, credential, status}: Answer, said: string): PanelctlError {
  const words = `${url.host} said: ${shortened(said)}`
  const details = {panel: 'nezha', status}
  const lacks = /^ApiErrorForbidden: (.*)/s.exec(said)?.[1]
  // Since v2.1, of writes with a session (3.1).
  if (lacks?.includes('CSRF')) {
    const text = `the cookie of the session has not come to Nezha; ${words}`
    const how =
      'a proxy before it takes nz-csrf out of its answers (Set-Cookie), or out of the requests (Cookie)'
    return new PanelctlError('AUTH', text, {...details, hint: how})
  }
  if (lacks !== undefined) {
    const text = `the API token or account may not do this: ${shortened(lacks)}`
    // No scope opens what tokens and profiles are kept by (3.1).
    const how = lacks.includes('by api token')
      ? 'it takes a session: NEZHA_USERNAME and NEZHA_PASSWORD, and no API token'
      : 'its scopes are set where it is made'
    return new PanelctlError('AUTH', text, {...details, hint: how})
  }
  // One that has ended was begun anew by now (3.1).
  if (credential === 'session') {
    const text = `Nezha does not know the session that it has just given; ${words}`
    return new PanelctlError('AUTH', text, {...details, hint: sessionLost})
  }
  const who = credential === undefined ? noCredential : `Nezha refused the ${credential}`
  // v2 says otherwise of an API token that it has seen and does not know: with 401 (3.1).
  const how = status === 200 ? orLost(credentialHint, credential) : credentialHint
  return new PanelctlError('AUTH', `${who}; ${words}`, {...details, hint: how})
}

/** What to do for another API token. */
export function newToken(which: string): Hint {
  return hint`make ${which} in the dashboard${intoPlace}`
}

/** What `/mcp` answers, in JSON-RPC (3.11): a tool that failed says so in its result. */
function unwrapRpc({json, status, url}: Answer): unknown {
  const error = fieldOf(json, 'error')
  if (error === undefined) return fieldOf(json, 'result')
  const code = fieldOf(error, 'code')
  const isAuth = status === 401 || code === -32_001
  const isOff = code === MCP_IS_OFF
  throw new PanelctlError(
    isAuth ? 'AUTH' : 'REJECTED',
    `Nezha refused the call; ${url.host} said: ${shortened(textAt(error, 'message'))}`,
    {
      panel: 'nezha',
      status,
      hint: isAuth
        ? 'it takes an API token (nzp_…) alone'
        : isOff
          ? hint`an administrator switches it on: ${panelctl('nezha setting set', [], {flags: {'enable-mcp': true}})}`
          : undefined,
    },
  )
}

/** What is said with HTTP 200; with 429 it is said of too many calls. */
const MCP_IS_OFF = -32_002

/** The data of an answer of v1 or v2, contracts/nezha.md 3.0; null where there is none. Throws and gives as `Panel.unwrap`. */
export function unwrapV1(answer: Answer): unknown {
  const {json, status, method, url} = answer
  if (fieldOf(json, 'jsonrpc') === '2.0' && url.pathname.endsWith('/mcp')) return unwrapRpc(answer)
  // A frame of the WebSocket is bare (3.5).
  if (url.pathname.endsWith('/api/v1/ws/server') && typeof fieldOf(json, 'now') === 'number') return json
  if (!isObject(json) || !Object.keys(json).every(key => envelope.has(key))) return foreign
  const {success, data, error} = json
  if (typeof error !== 'string') return success === true && status === 200 ? (data ?? null) : foreign
  const details = {panel: 'nezha', status}
  // Until 1.4 with HTTP 200 (3.0).
  if (error === '404 Not Found') {
    const text = `Nezha at ${url.host} has no ${method} ${url.pathname}`
    const check = "check PATH and the path in the panel's URL"
    throw new NoSuchRoute(text, ['v1', 'v2'], {...details, hint: check})
  }
  if (error === 'real ip header not found') {
    throw new NotTaken(`Nezha at ${url.host} answers only through its proxy: ${error}`, {
      ...details,
      hint: 'use the address of the proxy in front of it',
    })
  }
  if (/^ApiError(Unauthorized|Forbidden)/.test(error)) throw refusal(answer, error)
  // The routes beside the API (3.11).
  if (/\/mcp(\/|$)/.test(url.pathname) && /^MCP endpoint only accepts|transfer token$/.test(error))
    throw new PanelctlError(status === 401 ? 'AUTH' : 'REJECTED', refusedCall(answer, error), details)
  // Its handlers fail with HTTP 200 and words of their own, in the language of the site; so do gateways, whom nobody has
  // asked for a write (3.0).
  if (status !== 200) return foreign
  const said = saidBy(answer, error)
  // Of what is kept for longer (3.4).
  if (method === 'GET' && url.searchParams.has('period') && /\b1d\b.*guests/.test(error)) {
    throw new PanelctlError('AUTH', `guests are told one day; ${said}`, {
      ...details,
      hint: hint`ask for --since 1d, or with a credential: ${credentialHint}`,
    })
  }
  const ofServer = /\/api\/v1\/(?:server\/(\d+)\/(?:service|metrics)|service\/(\d+))$/
  const server = ofServer.exec(url.pathname)
  if (server && method === 'GET') {
    const text = `there is no server ${server[1] ?? server[2]}, or not for this account; ${said}`
    throw new PanelctlError('NOT_FOUND', text, {...details, hint: panelctl('nezha server list')})
  }
  const service = /\/api\/v1\/service\/(\d+)\/history$/.exec(url.pathname)
  if (service && method === 'GET') {
    const text = `there is no service ${service[1]}, or not for this account; ${said}`
    throw new PanelctlError('NOT_FOUND', text, {...details, hint: panelctl('nezha service list')})
  }
  // The words are the agent's own, as where it refuses commands (3.9).
  if (error === 'permission denied' && method === 'GET')
    throw new PanelctlError('AUTH', `the account may not do this; ${said}`, {
      ...details,
      hint: 'an administrator may: use such an account, or an API token of one',
    })
  const isOfAgent = url.pathname.includes('/api/v1/server/config/')
  if (method === 'GET' && !isOfAgent) return foreign
  throw new PanelctlError('REJECTED', refusedCall(answer, error), details)
}

function saidBy({url}: Answer, error: string): string {
  return `${url.host} said: ${shortened(error)}`
}

function refusedCall(answer: Answer, error: string): string {
  return `Nezha refused ${answer.method} ${answer.url.pathname}; ${saidBy(answer, error)}`
}

/** Who answered without JSON, where it is v1 or v2: its stream (3.5), or its firewall, which does not say for how long (3.1). */
export function recognizeV1({text, status, url, headers}: Answer): PanelctlError | undefined {
  if (status === 400 && headers['sec-websocket-version'] !== undefined)
    return new PanelctlError('REJECTED', `Nezha at ${url.host} has ${url.pathname} for WebSockets alone`, {
      hint: panelctl('nezha server status', [], {flags: {follow: true, o: 'ndjson'}}),
      panel: 'nezha',
      status,
    })
  if (status !== 403 || !/nezha WAF/i.test(text)) return undefined
  return new PanelctlError('AUTH', `the firewall of Nezha at ${url.host} blocks this address`, {
    hint: hint`it does so after wrong logins and tokens, the longer the more there were: mend the credential, wait, and try once; an administrator lets it in from another address: ${panelctl('nezha waf unblock IP')}`,
    panel: 'nezha',
    status,
  })
}
