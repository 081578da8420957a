import {PanelctlError} from '../../../errors.js'
import {hint, panelctl} from '../../../hint.js'
import {type Answer, foreign, NoSuchRoute, noCredential, orLost} from '../../../http/panel.js'
import {shortened} from '../../../http/said.js'
import {fieldOf, textAt} from '../../../json-object.js'
import {credentialHint} from '../credential-hint.js'

// The calls of the web page, beside those of the API below /api/v1/ (contracts/nezha.md 1.7).
const cookieHint = hint`${panelctl('nezha login', [], {flags: {'with-cookie': true}, stdin: 'cookie.txt'})}, with the Cookie header of a browser that is logged in; or put it into NEZHA_COOKIE`

/** One agent that reports NaN empties every details answer that it is in (contracts/nezha.md 1.1, trap 39). */
export class EmptyDetails extends PanelctlError {}

/** Whether the call is one of v0 alone: whatever is said there in newer words is not the panel's (contracts/nezha.md 3.2). */
export function isOfV0({url}: Answer): boolean {
  return /\/api\/v1\/(server\/(list|details|register)$|monitor\/)/.test(url.pathname)
}

/**
 * Whether the status is one that v0 gives with this JSON: 200 nearly always, others only for the id of a monitor, whose
 * texts are fixed in every language (1.5), and for the body of a registration (1.6). All else is of a gateway.
 */
function isOwn({status, url, json}: Answer): boolean {
  if (status === 200) return true
  if (fieldOf(json, 'code') !== status) return false
  if (url.pathname.includes('/api/v1/monitor/'))
    return ['id参数错误', 'id不存在', '需要认证'].includes(textAt(json, 'message'))
  return status === 400 && url.pathname.endsWith('/server/register') && fieldOf(json, 'secret') === ''
}

/** The data of an answer of v0, contracts/nezha.md part 1. Throws and gives as `Panel.unwrap`. */
export function unwrapV0(answer: Answer): unknown {
  const {json, status, method} = answer
  // What register answers with ?simple=1 is the secret as a JSON string (1.6, trap 2).
  if (typeof json === 'string' && answer.url.pathname.endsWith('/server/register')) return json
  const code = fieldOf(json, 'code')
  const message = fieldOf(json, 'message')
  // v0 has `success` only beside the `results` of a search (1.7).
  const results = fieldOf(json, 'results')
  const isNewer = fieldOf(json, 'success') === true && results === undefined
  if (isNewer || typeof fieldOf(json, 'error') === 'string' || !isOwn(answer)) return foreign
  const details = {panel: 'nezha', status}
  const text = typeof message === 'string' ? message : JSON.stringify(message)
  const said = `${answer.url.host} said: ${shortened(text ?? 'nothing')}`
  // Refused credentials come with HTTP 200 (1.2, trap 1); a hidden server with HTTP 403 (1.5).
  // Only with a message is it Nezha's: other programs have a code 403 and 404 of their own.
  const ours = typeof message === 'string'
  const wantsCookie = /\/api\/(?!v1\/)/.test(answer.url.pathname)
  if (ours && code === 403 && wantsCookie && answer.credential !== 'cookie')
    throw new PanelctlError(
      'AUTH',
      `${method} ${answer.url.pathname} wants the cookie of a login, and takes no API token; ${said}`,
      {...details, hint: cookieHint},
    )
  if (ours && code === 403)
    throw new PanelctlError(
      'AUTH',
      `${answer.credential === undefined ? noCredential : `Nezha refused the ${answer.credential}`}; ${said}`,
      {
        ...details,
        // The same is said where there is none (1.2).
        hint: wantsCookie ? cookieHint : orLost(credentialHint, answer.credential),
      },
    )
  if (ours && code === 404 && answer.url.pathname.includes('/api/v1/monitor/'))
    throw new PanelctlError(
      'NOT_FOUND',
      `there is no server ${answer.url.pathname.split('/').at(-1)}; ${said}`,
      {
        ...details,
        hint: panelctl('nezha server list'),
      },
    )
  // Register and the web page's own calls succeed with 200, everything else with 0 and a `result`, which may be null
  // (trap 1, 1.5). Whether the data is there is for the endpoint's schema to say.
  const result = fieldOf(json, 'result')
  if ((code === 0 || code === 200) && result !== undefined) return result
  // No other call below /api/v1/ says so.
  if (code === 200 && (isOfV0(answer) || !answer.url.pathname.includes('/api/v1/'))) return json
  if (results !== undefined) return results
  if (ours && Number.isSafeInteger(code) && code !== 404 && code !== 0) {
    throw new PanelctlError(
      'REJECTED',
      `Nezha refused ${method} ${answer.url.pathname}; ${said} (code ${code})`,
      details,
    )
  }
  return foreign
}

/** Who answered with a page of v0's, where it is one. */
export function recognizeV0({text, status, method, url}: Answer): PanelctlError | undefined {
  if (status === 404 && text.includes('该页面内容可能已着陆火星')) {
    // The page of v0 for any unknown path; its footer tells the version (1.1).
    const version = /(?:哪吒监控|Nezha Monitoring)\s*(?:<[^>]*>\s*)*v?(\d+\.\d+\.\d+)/.exec(text)?.[1]
    const name = `Nezha v0${version ? ` (${version})` : ''}`
    const registers = url.pathname.endsWith('/server/register')
    return new NoSuchRoute(`${name} at ${url.host} has no ${method} ${url.pathname}`, ['v0'], {
      hint: registers
        ? 'registering needs Nezha 0.20.12 or 0.20.13: update the dashboard, or add the server on its web page'
        : url.pathname.includes('/api/v1/monitor/')
          ? 'monitor data needs Nezha 0.16 or newer'
          : "check PATH and the path in the panel's URL",
      panel: 'nezha',
      status,
    })
  }
  if (status === 200 && text === '' && url.pathname.endsWith('/server/details')) {
    return new EmptyDetails(
      'BAD_RESPONSE',
      `Nezha at ${url.host} answered ${method} ${url.pathname} with an empty body: an agent among these servers reports numbers that JSON cannot hold`,
      {
        hint: hint`details of single ids still work, and so does: ${panelctl('nezha server list')}`,
        panel: 'nezha',
        status,
      },
    )
  }
  return undefined
}
