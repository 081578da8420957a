import {channelsOf, endpointsOf, readsOf} from '../../http/endpoint.js'
import type {Answer, Credential, Panel} from '../../http/panel.js'
import {fieldOf} from '../../json-object.js'
import {accountHint, credentialHint} from './credential-hint.js'
import {isOfV0, recognizeV0, unwrapV0} from './v0/envelope.js'
import {recognizeV1, unwrapV1} from './v1/envelope.js'
import {sessions} from './v1/sessions.js'

/** Since v2.1 (contracts/nezha.md 3.1). Tokens of v0 have letters and digits alone. */
function isPersonalToken({kind, value}: Credential): boolean {
  return kind === 'token' && value.startsWith('nzp_')
}

function unwrap(answer: Answer): unknown {
  const {json} = answer
  const isMissing = fieldOf(json, 'error') === '404 Not Found'
  // v0 has `success` too, but only beside a `code` or the `results` of a search (1.7).
  const isNewer = ['code', 'results'].every(key => fieldOf(json, key) === undefined)
  const isText = typeof json === 'string'
  return isMissing || (isNewer && !isText && !isOfV0(answer)) ? unwrapV1(answer) : unwrapV0(answer)
}

/** What guests may ask: of v0 the monitors (1.5), of v1 and v2 what 3.2 lists. */
const isForGuests =
  /^\/api\/v1\/(monitor\/.+|server-group|setting|service(\/server|\/\d+(\/history)?)?|server\/\d+\/(service|metrics))$/

/** Small routes that are closed to guests, and whether their answers show that the credential is known. Nobody has that group. */
const closedOfV0 = {
  path: '/api/v1/server/list?tag=who-am-i',
  verdict({json}: Answer) {
    const code = fieldOf(json, 'code')
    return code === 0 ? true : code === 403 ? false : undefined
  },
}
/** A token is told that it may not (3.1). */
const closedOfV1 = {
  path: '/api/v1/profile',
  verdict({json}: Answer) {
    const said = fieldOf(json, 'error')
    if (fieldOf(json, 'success') === true) return true
    return typeof said === 'string' && said.startsWith('ApiError')
      ? said.startsWith('ApiErrorForbidden')
      : undefined
  },
}

/** Nezha v0, v1 and v2, contracts/nezha.md parts 1 and 3. */
export const nezha: Panel = {
  name: 'nezha',
  title: 'Nezha',
  site: 'a Nezha dashboard',
  urlVariable: 'NEZHA_DASHBOARD_URL',
  // gRPC, of v0; v1 has one port for all.
  agentPort: '5555',
  credentialVariables: [
    {
      kind: 'token',
      variable: 'NEZHA_TOKEN',
      isBare: true,
      clean: token => token.replace(/^authorization:\s*/i, ''),
      // The token alone: of v0 that is what is sent (1.2, trap 13).
      flaw(token) {
        const scheme = /^(Bearer|Token)\s/i.exec(token)?.[1]
        if (scheme === undefined) return undefined
        return {what: `it is the bare token, without ${scheme}`, hint: `leave out "${scheme} "`}
      },
    },
    {
      kind: 'cookie',
      variable: 'NEZHA_COOKIE',
      clean: header => header.replace(/^cookie:\s*/i, ''),
      // The name can be configured, so that it cannot be filled in (1.2).
      flaw: cookie =>
        /^[^=;,\s]+=[^=;\s]/.test(cookie)
          ? undefined
          : {what: 'a cookie is NAME=VALUE', hint: 'give the whole Cookie header: nezha-dashboard=…'},
    },
    {kind: 'password', variable: 'NEZHA_PASSWORD', userVariable: 'NEZHA_USERNAME', anyText: true},
  ],
  // All that the contract lists in answers of v1 and v2 (trap 43), and the hash of a password.
  secretFields: new Set([
    'secret',
    'token',
    'password',
    'agent_secret',
    'agent_secret_key',
    'client_secret',
    'jwt_secret_key',
    'access_secret',
    'webhook_headers',
    'request_header',
  ]),
  credentialHint,

  authorize(credential): Record<string, string> {
    const {kind, value} = credential
    if (kind === 'password') return {}
    if (kind === 'cookie') return {cookie: value}
    return {authorization: isPersonalToken(credential) ? `Bearer ${value}` : value}
  },

  generations: {
    credentialHints: {v1: accountHint},
    of(credential) {
      if (isPersonalToken(credential)) return ['v2']
      return credential.kind === 'password' ? ['v1', 'v2'] : undefined
    },
    // 3.7: not by a login or a made-up token, which the firewall counts.
    async probe(send) {
      const list = await send({method: 'GET', path: '/api/v1/server/list'})
      if (recognizeV0(list) ?? typeof fieldOf(list.json, 'code') === 'number') return 'v0'
      if (fieldOf(list.json, 'error') !== '404 Not Found') return undefined
      const {json} = await send({method: 'GET', path: '/api/v1/setting'})
      if (fieldOf(json, 'success') !== true) return undefined
      return fieldOf(fieldOf(json, 'data'), 'tsdb_enabled') === undefined ? 'v1' : 'v2'
    },
  },

  sessions,

  // A credential that is worth nothing makes a guest (1.5, 3.1).
  guests: {
    asked({path}, credential) {
      // An API token is a guest in the settings, good or bad (3.1). Elsewhere a bad one is refused, and one that a proxy takes out is not.
      const saysEnough = isPersonalToken(credential) && path.endsWith('/setting')
      if (saysEnough || !isForGuests.test(path)) return undefined
      // There a session that was revoked is a strike of the firewall, and closed routes refuse it without one (3.1).
      return credential.kind === 'password' ? 'before' : 'after'
    },
    mayGet({json}) {
      const said = fieldOf(json, 'error')
      const isRefused = typeof said === 'string' && !/^(ApiError|404 Not Found)/.test(said)
      return (
        isRefused ||
        [0, 400, 404].some(code => code === fieldOf(json, 'code')) ||
        fieldOf(json, 'success') === true
      )
    },
    proves: ({path}, {json}) =>
      !isForGuests.test(path) && (fieldOf(json, 'code') === 0 || fieldOf(json, 'success') === true),
    async knows(credential, send) {
      // The cookie of the view password opens what guests may see, and is no login (1.5).
      if (/-vp=/.test(credential.value)) return undefined
      const isNewer = credential.kind === 'password' || isPersonalToken(credential)
      for (const {path, verdict} of isNewer ? [closedOfV1, closedOfV0] : [closedOfV0, closedOfV1]) {
        const known = verdict(await send({method: 'GET', path}))
        if (known !== undefined) return known
      }
      return undefined
    },
  },

  unwrap,
  recognize: answer => recognizeV1(answer) ?? recognizeV0(answer),
}

export const endpoint = endpointsOf(nezha)
export const read = readsOf(nezha)
export const channel = channelsOf(nezha)
