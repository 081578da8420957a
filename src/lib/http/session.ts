import {PanelctlError} from '../errors.js'
import {pageFailure, statusFailure} from './answer-failure.js'
import type {Destination} from './destination.js'
import {type Exchange, exchange, type Wire} from './exchange.js'
import type {Answer, Panel, SessionRequest, Sessions} from './panel.js'
import type {RawRequest} from './request.js'
import type {Headers} from './request-headers.js'

/** How a panel's own code asks something beside the requests of a command: JSON of any kind comes back, and 404 and 405. */
export function asking(panel: Panel, destination: Destination, wire: Wire, signal?: AbortSignal) {
  return async (request: SessionRequest): Promise<Answer> => {
    // It changes nothing, but each try of a login may count towards a limit.
    const asked = {...request, panel, repeatable: true, once: request.method === 'POST', signal}
    const {answer, call} = await exchange(asked, destination, undefined, wire)
    const failure = statusFailure(call, answer)
    if (failure) throw failure
    // Not every version knows each path, which is for the panel to see; any other page is not its.
    if (answer.json === undefined && answer.status !== 404 && answer.status !== 405) {
      throw pageFailure(call, answer)
    }
    return answer
  }
}

/**
 * What sends requests, with the session that some panels want beside a credential: opened when an answer asks for it, kept
 * for the run, and opened anew when it is lost. The request that was refused is sent again, once.
 */
export function inSession(wire: Wire): (request: RawRequest, destination: Destination) => Promise<Exchange> {
  let session: Promise<Headers | undefined> | undefined

  function open(panel: Panel, sessions: Sessions, destination: Destination): typeof session {
    const {credential} = destination
    if (!credential) return undefined
    const opening = sessions.open(credential, asking(panel, destination, wire)).then(headers => {
      for (const header of Object.values(headers ?? {})) wire.options.sends?.(header)
      return headers
    })
    // Whoever could not be reached now may be at the next poll; who refused would count another try.
    opening.catch((error: unknown) => {
      if (error instanceof PanelctlError && error.code === 'UNREACHABLE') session = undefined
    })
    return opening
  }

  return async (request, destination) => {
    const used = session
    const headers = await used
    const first = await exchange(request, destination, headers, wire)
    const {sessions} = request.panel
    if (!sessions || !destination.credential) return first
    const wanted = headers ? sessions.lost(first.answer) : used === undefined && sessions.wanted(first.answer)
    if (!wanted) return first
    // Of several calls that were refused at the same time, the first logs in for all.
    if (session === used) session = open(request.panel, sessions, destination)
    const opened = await session
    return opened ? exchange(request, destination, opened, wire) : first
  }
}
