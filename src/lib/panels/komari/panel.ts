import {PanelctlError} from '../../errors.js'
import {withIntegersOf} from '../../exact-integers.js'
import {channelsOf, endpointsOf, readsOf} from '../../http/endpoint.js'
import {type Answer, foreign, noCredential, orLost, type Panel} from '../../http/panel.js'
import {shortened} from '../../http/said.js'
import {fieldOf, textAt} from '../../json-object.js'
import {credentialHint} from './credential-hint.js'
import {codeHint, isOfCode, NoSuchMethod, rpcFailure} from './rpc-failure.js'

/** Set-up, migration and recovery put another server in the panel's place, which knows none of its routes (0.7, trap 24). */
function guideMode({url, status}: Answer, mode: string): PanelctlError {
  return new PanelctlError(
    'BAD_RESPONSE',
    `Komari at ${url.host} is in ${mode} mode and answers nothing else`,
    {
      hint: `open ${url.origin} in a browser and finish what it asks for`,
      panel: 'komari',
      status,
    },
  )
}

function refusal(answer: Answer, said: string): PanelctlError {
  const {url, status, method, credential} = answer
  const details = {panel: 'komari', status}
  // The only thing that tells a guide mode from a 404 of the panel itself (trap 24).
  const mode = status === 404 ? /^Not found in (.+) mode$/.exec(said)?.[1] : undefined
  if (mode !== undefined) return guideMode(answer, mode)
  const words = `${url.host} said: ${shortened(said)}`
  if (status === 401 && url.pathname.endsWith('/api/login')) {
    return new PanelctlError('AUTH', `Komari refused the login; ${words}`, {
      ...details,
      hint: /invalid 2fa/i.test(said)
        ? 'give the code of now with --otp; if it is that, is the clock of what makes it right, and that of the panel?'
        : 'check user name and password; an account with two-factor authentication needs --otp CODE',
    })
  }
  if (status === 401 && isOfCode(said)) {
    return new PanelctlError('AUTH', `Komari wants a code besides the session; ${words}`, {
      ...details,
      hint: codeHint,
    })
  }
  if (status === 401) {
    // Also what a private site says to guests, in two wordings (0.3, trap 17).
    const who =
      credential === undefined
        ? noCredential
        : `Komari does not accept the ${credential === 'token' ? 'API key' : credential}`
    return new PanelctlError('AUTH', `${who}; ${words}`, {
      ...details,
      hint: orLost(credentialHint, credential),
    })
  }
  if (status === 404) {
    return new PanelctlError('NOT_FOUND', `${url.pathname} names nothing that there is; ${words}`, details)
  }
  return new PanelctlError('REJECTED', `Komari refused ${method} ${url.pathname}; ${words}`, details)
}

/** What stands beside `data` in the standard envelope; 1.1.8 wrote a key `message:` (1.14). */
const envelope = new Set(['status', 'message', 'message:', 'data'])

/** The data of a success: in the envelope, which leaves it out where there is none (trap 3), or beside `status` (trap 2). */
function dataOf(json: object): unknown {
  const entries = Object.entries(json)
  if (entries.every(([key]) => envelope.has(key))) return fieldOf(json, 'data') ?? null
  return withIntegersOf(
    json,
    Object.fromEntries(entries.filter(([key]) => key === 'data' || !envelope.has(key))),
  )
}

function isRpc(json: unknown): boolean {
  return fieldOf(json, 'jsonrpc') === '2.0'
}

/** A success that this path of the panel never gives: other programs answer everything with `[]` or `{}`. */
function isForeign(json: object, path: string): boolean {
  const calls = Array.isArray(json) ? json : [json]
  if (path.endsWith('/api/rpc2')) return calls.length === 0 || !calls.every(isRpc)
  // These lists stand in the envelope (1.7 to 1.10).
  return Array.isArray(json) && /\/api\/(nodes|recent|records)\b/.test(path)
}

/** The question who the panel takes us for; its id is known by here, so that nobody asks about it again. */
export const whoAmIRequest = {jsonrpc: '2.0', id: 'who-am-i', method: 'common:getMe'} as const

/** Komari 1.0.3 to 1.4.3, contracts/komari.md. */
export const komari: Panel = {
  name: 'komari',
  title: 'Komari',
  site: 'a Komari panel',
  urlVariable: 'KOMARI_URL',
  // contracts/komari.md 0.5
  wantsOrigin: true,
  credentialVariables: [
    {
      kind: 'token',
      title: 'API key',
      variable: 'KOMARI_API_KEY',
      isBare: true,
      clean: key => key.replace(/^(authorization:\s*)?(bearer\s+)?/i, ''),
    },
    {
      kind: 'session',
      variable: 'KOMARI_SESSION_TOKEN',
      isBare: true,
      clean: cookie => cookie.replace(/^(cookie:\s*)?session_token=/i, '').replace(/;.*$/, ''),
    },
  ],
  // Agent tokens and the panel's own keys, which it gives to administrators in clear (trap 21).
  secretFields: new Set(['token', 'api_key', 'auto_discovery_key', 'session_token']),
  credentialHint,
  // An unknown GET is answered with its web page, whose marks are the site's own (0.4 G).
  pageHint:
    'check the URL and the path: so answers a login page in front of the panel, and Komari itself where it does not know a path',

  // One space, and `Bearer` as it is written here (0.2).
  authorize: ({kind, value}): Record<string, string> =>
    kind === 'session' ? {cookie: `session_token=${value}`} : {authorization: `Bearer ${value}`},

  unwrap(answer) {
    const {json, status, url, method, credential} = answer
    if (isRpc(json)) {
      const error = fieldOf(json, 'error')
      if (error !== undefined)
        throw rpcFailure(error, {status, host: url.host, isGuest: credential === undefined})
      return fieldOf(json, 'result') ?? null
    }
    const state = fieldOf(json, 'status')
    // Words without it are those of a gateway, but for what agents are told of their reports (0.4, trap 2).
    const said = textAt(json, 'message') || textAt(json, 'error')
    const isReport = status >= 400 && said !== '' && url.pathname.endsWith('/api/clients/report')
    if (state === 'error' || isReport) throw refusal(answer, said)
    if (status >= 300 || typeof json !== 'object' || json === null || isForeign(json, url.pathname)) {
      return foreign
    }
    if (state === 'success') return dataOf(json)
    // What is bare has no envelope, and is read: the account, a node, the administrator's list of them (1.1, 3.1, trap 2).
    return method === 'GET' || url.pathname.endsWith('/api/rpc2') ? json : foreign
  },

  // A bad or old credential is no credential (0.2); for the answers of the check see 7.1.
  guests: {
    asked({path, body}) {
      if (/^\/api\/(admin|login|logout)\b/.test(path) || fieldOf(body, 'id') === whoAmIRequest.id)
        return undefined
      // It says who a session is; an API key is a guest there, good or bad (1.1).
      return /^\/api\/me\b/.test(path) ? 'after' : 'beside'
    },
    // 401 is said of the credential itself, or by what stands before the panel.
    mayGet: ({status, json}) =>
      fieldOf(json, 'logged_in') !== true &&
      (status < 300 || (status !== 401 && fieldOf(json, 'status') === 'error')),
    refuses: ({json}) => fieldOf(fieldOf(json, 'error'), 'message') === 'Permission denied',
    async knows(_credential, send) {
      // A page is of a version that has no such path, or of what keeps it to itself; 1.1.8 and older say 500 to API keys there.
      const tolerant = (error: unknown) => {
        const tellsNothing =
          error instanceof PanelctlError &&
          (['BAD_RESPONSE', 'AUTH'].includes(error.code) || error.status === 500)
        if (tellsNothing) return undefined
        throw error
      }
      const answer = await send({method: 'POST', path: '/api/rpc2', body: whoAmIRequest}).catch(tolerant)
      const isLoggedIn = fieldOf(fieldOf(answer?.json, 'result'), 'logged_in')
      if (typeof isLoggedIn === 'boolean') return isLoggedIn
      const list = await send({method: 'GET', path: '/api/admin/client/list'}).catch(tolerant)
      if (list?.status === 200) return true
      return list?.status === 401 && fieldOf(list.json, 'status') === 'error' ? false : undefined
    },
  },

  recognize({text, status, method, url}) {
    const details = {panel: 'komari', status}
    // Both refusals of an Origin: CORS with an empty body, the WebSocket's own with a text that is no JSON (0.5).
    // An Origin goes with the WebSocket alone.
    const isOrigin = text === '' && url.pathname.endsWith('/api/clients')
    if (status === 403 && (isOrigin || text.includes('request origin not allowed'))) {
      return new PanelctlError(
        'BAD_RESPONSE',
        `Komari at ${url.host} refused the origin ${url.origin} for ${url.pathname}`,
        {
          ...details,
          hint: 'does a proxy before the panel change the Host header? It has to pass it on, or the origin has to be in ws_allowed_origins of the settings',
        },
      )
    }
    if (status === 404 && text === '404 page not found') {
      const isRpc2 = url.pathname.endsWith('/api/rpc2')
      const Failure = isRpc2 ? NoSuchMethod : PanelctlError
      return new Failure('BAD_RESPONSE', `Komari at ${url.host} has no ${method} ${url.pathname}`, {
        ...details,
        hint: isRpc2
          ? 'RPC2 needs Komari 1.0.7 or newer'
          : 'check the path, and the path of the URL of the panel',
      })
    }
    return undefined
  },
}

export const endpoint = endpointsOf(komari)
export const read = readsOf(komari)
export const channel = channelsOf(komari)
