import {type ErrorDetails, PanelctlError} from '../errors.js'
import {type Hint, hint, type PanelctlCommand} from '../hint.js'
import {NotTaken, type Panel} from './panel.js'
import type {ProxyRoute} from './proxy.js'

/** What failed, for messages: the call and the panel, and whether the call may have changed something. */
export interface Call {
  readonly panel: Panel
  readonly method: string
  /** The path that is asked, that of the panel's URL included. */
  readonly path: string
  /** The path of the panel's URL, where it has one: `/admin`. */
  readonly base?: string | undefined
  readonly host: string
  /** A write: once sent, a missing answer does not say that it was not done. */
  readonly writes: boolean
  readonly lookWith: PanelctlCommand | undefined
  /** The proxy that an answer over plain HTTP came through, whose own look the same. */
  readonly proxy?: Pick<ProxyRoute, 'host' | 'variable'> | undefined
}

/** A call of this address, which begins with the panel's. */
export function callOf(
  asked: Pick<Call, 'panel' | 'method' | 'writes' | 'lookWith'>,
  base: string,
  url: URL,
): Call {
  const below = new URL(base).pathname.replace(/\/+$/, '')
  // Without the query, which may hold a secret (`api`).
  return {...asked, path: url.pathname, base: below === '' ? undefined : below, host: url.host}
}

/** The panel and where it is, as every message names it. */
export function where({panel, host}: Call): string {
  return `${panel.title} at ${host}`
}

/** Whom a connection is for, as messages name it, where a proxy may be what fails. */
export interface Goal extends Pick<Call, 'host'> {
  readonly name: string
  readonly panel?: string
}

export function goalOf(call: Call): Goal {
  return {name: where(call), host: call.host, panel: call.panel.name}
}

/** What to do where a proxy is in the way. */
export function around({host}: Pick<Goal, 'host'>, proxy: string): string {
  return `to go around ${proxy}: NO_PROXY=${new URL(`http://${host}`).hostname}`
}

/** A hint about an answer that may be that of the proxy. */
export function orAround(call: Call, hint: string): string {
  return call.proxy ? `${hint}; ${around(call, `the proxy of ${call.proxy.variable}`)}` : hint
}

/** What whoever repeats a write in doubt has to do first. */
function lookAgain({lookWith}: Call): Hint {
  return lookWith ? hint`look before you repeat it: ${lookWith}` : 'look before you repeat it'
}

/** What is said where a signal ends the wait for the answer to a write, or comes before it is told. */
export function interruptedWrite(call: Call, what = 'may have been done'): Hint {
  return hint`${call.method} ${call.path} was sent to ${where(call)} and ${what}; ${lookAgain(call)}`
}

/** A write that was sent and has no usable answer: exit 7, and the command to look with. */
export function inDoubt(call: Call, reason: string, details: ErrorDetails = {}): PanelctlError {
  return new PanelctlError(
    'UNCERTAIN',
    `${call.method} ${call.path} was sent to ${where(call)}, but ${reason}: it may have been done`,
    {hint: lookAgain(call), panel: call.panel.name, ...details},
  )
}

/**
 * The failure of a call whose answer cannot be read: of a write it leaves as much open as none at all. Only what is known
 * not to have taken it, and a status that refuses say that nothing was done.
 */
export function unreadable(call: Call, failure: PanelctlError): PanelctlError {
  const {code, message, panel, status = 200} = failure
  const isOpen = call.writes && code === 'BAD_RESPONSE' && status < 300
  if (!isOpen || failure instanceof NotTaken) return failure
  return new PanelctlError('UNCERTAIN', `${message}; it may have been done`, {
    hint: lookAgain(call),
    panel,
    status: failure.status,
    cause: failure,
  })
}

/** An answer in a shape that panelctl does not know: exit 10. `who` gave it, the panel where nothing is said. */
export function badResponse(
  call: Call,
  reason: string,
  details: ErrorDetails = {},
  who = where(call),
): PanelctlError {
  const {panel, method, path} = call
  return new PanelctlError('BAD_RESPONSE', `${who} answered ${method} ${path} ${reason}`, {
    panel: panel.name,
    ...details,
  })
}

/** What to do about an answer that ends before it should. */
export const cutOff = 'try it again; if it stays so, does a proxy before the panel cut answers off?'

/** JSON that ends before it should, or is none: exit 10. */
export function brokenBody(call: Call, reason: string, details: ErrorDetails): PanelctlError {
  return badResponse(call, reason, {hint: cutOff, ...details})
}
