import type {Answer} from '../../answer.js'
import {type Call, failure, forbidden, type Handle, Instead, type Outcome, Refused, success} from './call.js'
import {blockedPage} from './firewall.js'
import {hasCsrfPair, holdsScope, unauthorized, withCsrfCookie} from './identity.js'

// What stands before a handler, by the columns of the table in contracts/nezha.md 3.2.

export type Route = (call: Call) => Outcome

/** Says the data of a handler, or its error in the dashboard's language. */
function said(handle: Handle, call: Call): Outcome {
  try {
    return success(handle(call))
  } catch (error) {
    if (error instanceof Instead) return error.outcome
    if (error instanceof Refused) return failure(call.state.say(error.message))
    throw error
  }
}

/** A JWT that was revoked is shut out of what everybody may see, and that is a strike (contracts/nezha.md 3.1). */
function shutOut({caller, address, state}: Call): Answer | undefined {
  if (caller.kind !== 'guest' || !caller.isRevoked) return undefined
  state.firewall.strike(address, state.now(), 2)
  return blockedPage
}

/** Everybody, and nobody is asked for a scope. */
export function open(handle: Handle): Route {
  return call => shutOut(call) ?? said(handle, call)
}

/** What a token lacks for a scope, in the words of the panel. */
function refusal({caller, state}: Call, scope: string): Answer | undefined {
  if (caller.kind !== 'pat') return undefined
  const wanted = state.features.inventory ? scope : scope.replace('inventory:read', 'server:read')
  if (holdsScope(caller.pat.scopes, `nezha:${wanted}`)) return undefined
  return forbidden(`api token lacks scope nezha:${wanted}`)
}

/** Guests, unless the dashboard wants everybody to log in; tokens that have the scope. */
export function guest(scope: string): (handle: Handle) => Route {
  return handle => call => {
    if (call.state.forceAuth && call.caller.kind === 'guest') return unauthorized(call.state)
    return shutOut(call) ?? refusal(call, scope) ?? said(handle, call)
  }
}

/** Users: writes with a JWT need the CSRF pair, tokens one of the scopes each; `self` is closed to every token. */
export function user(...scopes: readonly string[]): (handle: Handle) => Route {
  return handle => call => {
    const {caller, request, state} = call
    if (caller.kind === 'guest') return unauthorized(state)
    const needsPair = state.features.tokens && caller.kind === 'jwt' && request.method !== 'GET'
    if (needsPair && !hasCsrfPair(request)) return forbidden('missing or invalid CSRF token')
    const isClosed = caller.kind === 'pat' && scopes.includes('self')
    const refused = isClosed
      ? forbidden('this endpoint is not accessible by api token')
      : scopes.map(scope => refusal(call, scope)).find(answer => answer !== undefined)
    // A dead-locked dashboard reads on, and answers no write (trap 40).
    if (state.deadlocked && request.method !== 'GET') return 'stall'
    const outcome = refused ?? said(handle, call)
    return outcome === 'stall' || 'reply' in outcome ? outcome : withCsrfCookie(outcome, call)
  }
}

/** Admins. */
export function admin(handle: Handle): Route {
  return user('admin:*')(call => {
    if (call.caller.kind !== 'guest' && call.caller.user.role === 0) return handle(call)
    throw new Refused('permission denied')
  })
}
