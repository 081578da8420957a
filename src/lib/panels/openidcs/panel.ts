import {PanelctlError} from '../../errors.js'
import {type Hint, hint, panelctl} from '../../hint.js'
import {endpointsOf, readsOf} from '../../http/endpoint.js'
import {type Answer, foreign, NoSuchRoute, noCredential, orLost, type Panel} from '../../http/panel.js'
import {inBrackets, shortened} from '../../http/said.js'
import {fieldOf, textAt} from '../../json-object.js'
import {type Envelope, envelopeOf} from './envelope.js'
import {lockedOut, sessions} from './sessions.js'

const credentialHint = 'take the access token that the panel prints each time it starts'

/** This version has no such route: an older or a newer one may. */
export class MissingRoute extends NoSuchRoute {}

function missingRoute({url, method, status}: Answer): MissingRoute {
  return new MissingRoute(`OpenIDCS at ${url.host} has no ${method} ${url.pathname}`, [], {
    hint: 'this version does not know that call; check also the path of the URL of the panel',
    panel: 'openidcs',
    status,
  })
}

/** The names at the end of a path: `/api/client/detail/node1/web1` ends with node1 and web1. */
function namesIn({url}: Answer): readonly string[] {
  const [, names = ''] =
    /\/api\/(?:client|server)\/(?:(?:ipaddr|proxys)\/)?\w+\/(.+)$/.exec(url.pathname) ?? []
  return names
    .split('/')
    .filter(name => name !== '')
    .map(decoded)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    // A path that somebody gave to `api`.
    return part
  }
}

/** What is not there, and the command that lists what is. */
function missing(answer: Answer): {what: string; hint: Hint} {
  const [host, vm, ...rest] = namesIn(answer)
  if (host === undefined || rest.length > 0)
    return {what: `${answer.url.pathname} names nothing that there is`, hint: panelctl('openidcs host list')}
  // Which of the two it is the code does not tell, and the text is not looked at.
  return vm === undefined
    ? {what: `there is no host "${host}"`, hint: panelctl('openidcs host list')}
    : {
        what: `there is no virtual machine "${vm}" on a host "${host}"`,
        hint: panelctl('openidcs vm list', [host]),
      }
}

/** Why it refused: a host that cannot be measured says so in its data only (contracts/openidcs.md 2.2 no. 16). */
function reasonOf({msg, data}: Envelope): string {
  const more = textAt(data, 'message')
  return more !== '' ? `${shortened(msg)}: ${shortened(more)}` : shortened(msg)
}

function refusal(answer: Answer, envelope: Envelope): PanelctlError {
  const {code} = envelope
  if (code === 429) return lockedOut(answer, envelope)
  const {url, method, status, credential} = answer
  const details = {panel: 'openidcs', status}
  const words = `${url.host} said: ${reasonOf(envelope)}`
  // Without a session, 403 is also what v0.2 to v0.4 say for want of one; with one, or where HTTP says 200 to a
  // token, it is a disabled host or the like (contracts/openidcs.md 1.3, 2.3 no. 19).
  if (code === 401 || status === 401 || status === 403 || (code === 403 && credential === undefined)) {
    const who = credential === undefined ? noCredential : `OpenIDCS refused the ${credential}`
    // It says the same where there is none (1.3).
    const how = orLost(credentialHint, credential)
    return new PanelctlError('AUTH', `${who}; ${words}`, {...details, hint: how})
  }
  if (code === 404) {
    const {what, hint} = missing(answer)
    return new PanelctlError('NOT_FOUND', `${what}; ${words}`, {...details, hint})
  }
  return new PanelctlError(
    'REJECTED',
    `OpenIDCS refused ${method} ${url.pathname}; ${words} (code ${code})`,
    {
      ...details,
      ...(code === 403 ? {hint: hint`is the host disabled? see ${panelctl('openidcs host list')}`} : {}),
    },
  )
}

/** What the newest answers without `data`: the account's own password and address, and mail (1.1). */
const withoutData = /\/(users\/change-\w+|forgot-password|reset-password|system\/test-email)$/

/**
 * Whether JSON with this status and these fields is the panel's. It has always `data`, and says no with HTTP 200 but for
 * administrators' and users' own calls (1.1, 1.3): gateways answer with `code` and `msg` too, and a status like that.
 */
function isOwn({status, url, json}: Answer): boolean {
  const isStatus = status === 200 || ((status === 401 || status === 403) && fieldOf(json, 'code') === status)
  // Where 0 means success it is another program's.
  if (fieldOf(json, 'code') === 0) return false
  return isStatus && (fieldOf(json, 'data') !== undefined || withoutData.test(url.pathname))
}

/** OpenIDCS, from the seed's server (December 2025) to 085a23d (April 2026); contracts/openidcs.md. */
export const openidcs: Panel = {
  name: 'openidcs',
  title: 'OpenIDCS',
  site: 'an OpenIDCS panel',
  urlVariable: 'OPENIDCS_URL',
  credentialVariables: [
    {
      kind: 'token',
      variable: 'OPENIDCS_TOKEN',
      isBare: true,
      clean: token => token.replace(/^(authorization:\s*)?(bearer\s+)?/i, ''),
    },
  ],
  // Trap 19: the panel gives all of these in clear.
  secretFields: new Set([
    'server_pass',
    'i_kuai_pass',
    'os_pass',
    'vc_pass',
    'vm_pass',
    'ssl_key',
    'token',
    'temp_token',
  ]),
  credentialHint,

  // Exactly so: a lower-case `bearer` is refused (1.3).
  authorize: ({value}) => ({authorization: `Bearer ${value}`}),
  sessions,

  clock(json) {
    const seconds = envelopeOf(json)?.timestamp
    return seconds === undefined ? undefined : seconds * 1000
  },

  unwrap(answer) {
    const {json, status} = answer
    const envelope = isOwn(answer) ? envelopeOf(json) : undefined
    // The status of a refusal is 200 nearly always: `code` tells (1.1, trap 1). Its text is free and never looked at.
    if (envelope) {
      if (envelope.code === 200) return envelope.data
      throw refusal(answer, envelope)
    }
    // What v0.5 and newer say of an unknown GET (1.2).
    if (status === 404 && textAt(json, 'error') === 'API endpoint not found') throw missingRoute(answer)
    return foreign
  },

  recognize(answer) {
    const {status, text, url, method} = answer
    // What v0.5 and newer say of an unknown GET beside `/api` while their front end is not built (4).
    if (status === 503 && text.includes('<title>OpenIDCS - 前端未构建</title>')) return missingRoute(answer)
    // Werkzeug's own page, which no proxy makes (1.2).
    const isWerkzeug = /^<!doctype html>\s*<html lang="?en"?>\s*<title>4\d\d /i.test(text)
    if (!isWerkzeug) return undefined
    if (status === 404 || status === 405) return missingRoute(answer)
    // A body that it cannot read, or that is too large.
    return new PanelctlError(
      'BAD_RESPONSE',
      `OpenIDCS at ${url.host} answered ${method} ${url.pathname} with HTTP ${status}${inBrackets(answer)}`,
      {panel: 'openidcs', status},
    )
  },
}

export const endpoint = endpointsOf(openidcs)
export const read = readsOf(openidcs)
