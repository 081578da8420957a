import {PanelctlError} from '../errors.js'
import {pageFailure, statusFailure} from './answer-failure.js'
import type {Destination} from './destination.js'
import {type Exchange, exchange, type Wire} from './exchange.js'
import {foreignFailure} from './gateway.js'
import {type Answer, foreign, type Panel, type Session, type SessionRequest, type Sessions} from './panel.js'
import type {RawRequest} from './request.js'
import type {Headers} from './request-headers.js'

/** How a panel's own code asks something beside the requests of a command: JSON of any kind comes back, and 404 and 405. */
export function asking(
  panel: Panel,
  send: (request: RawRequest, headers: Headers | undefined) => Promise<Exchange>,
  signal?: AbortSignal,
) {
  return async (request: SessionRequest): Promise<Answer> => {
    // It changes nothing, but each try of a login may count towards a limit.
    const {headers, ...asked} = {
      ...request,
      panel,
      repeatable: true,
      once: request.method === 'POST',
      signal,
    }
    const {answer, call} = await send(asked, headers)
    const failure = statusFailure(call, answer)
    if (failure) throw failure
    // Not every version knows each path, which is for the panel to see; any other page is not its.
    if (answer.json === undefined && answer.status !== 404 && answer.status !== 405) {
      throw pageFailure(call, answer)
    }
    // No panel has these in words that are not its own.
    if ((answer.status === 401 || answer.status === 403) && isForeign(panel, answer))
      throw foreignFailure(call, answer)
    return answer
  }
}

function isForeign(panel: Panel, answer: Answer): boolean {
  try {
    return answer.json !== undefined && panel.unwrap(answer) === foreign
  } catch {
    return false
  }
}

/** How much of a session's time may be over before it is renewed. */
const HALF = 0.5

/**
 * What sends requests, with the session that some panels want beside a credential or in its place: opened when an answer asks
 * for it, or at once where it is needed, kept for the run, and opened anew when it is lost. The request that was refused is
 * sent again, once.
 */
export function inSession(wire: Wire): {
  exchange(request: RawRequest, destination: Destination): Promise<Exchange>
  /** The headers of the session without which the credential is good for nothing. */
  headersFor(panel: Panel, destination: Destination): Promise<Headers | undefined>
} {
  const {sessions: keeper} = wire.options
  let session: Promise<Headers | undefined> | undefined
  const askingAt = (panel: Panel, destination: Destination) =>
    asking(panel, (request, headers) => exchange(request, destination, headers, wire))

  /** One that an earlier run made, renewed where its time is half over. */
  async function kept(
    panel: Panel,
    sessions: Sessions,
    destination: Destination,
  ): Promise<Session | undefined> {
    const {credential, url} = destination
    const found = credential && (await keeper?.find(url, credential))
    if (!found || !credential) return undefined
    if (!sessions.renew || (found.lasts ?? 0) > found.lasted * HALF) return found
    const renewed = await sessions.renew(found, askingAt(panel, destination)).catch(() => undefined)
    if (renewed) await keeper?.keep(url, credential, renewed)
    return renewed ?? found
  }

  async function made(panel: Panel, sessions: Sessions, destination: Destination, isLost: boolean) {
    const {credential, url} = destination
    if (!credential) return undefined
    const isNeeded = sessions.needed?.(credential) ?? false
    if (isNeeded && isLost) await keeper?.keep(url, credential, undefined)
    const old = isNeeded && !isLost ? await kept(panel, sessions, destination) : undefined
    const opened = old ?? (await sessions.open(credential, askingAt(panel, destination)))
    if (!old && isNeeded) await keeper?.keep(url, credential, opened)
    for (const header of Object.values(opened?.headers ?? {})) wire.options.sends?.(header)
    return opened?.headers
  }

  function open(panel: Panel, sessions: Sessions, destination: Destination, isLost: boolean): typeof session {
    const opening = made(panel, sessions, destination, isLost)
    // Whoever could not be reached now may be at the next poll; who refused would count another try.
    opening.catch((error: unknown) => {
      if (error instanceof PanelctlError && error.code === 'UNREACHABLE') session = undefined
    })
    return opening
  }

  function begun(panel: Panel, destination: Destination): typeof session {
    const {sessions} = panel
    const {credential} = destination
    if (sessions && credential && sessions.needed?.(credential)) {
      session ??= open(panel, sessions, destination, false)
    }
    return session
  }

  return {
    headersFor: async (panel, destination) => begun(panel, destination),
    async exchange(request, destination) {
      // What is sent as nobody takes no session along.
      const used = destination.credential && begun(request.panel, destination)
      const headers = await used
      const first = await exchange(request, destination, headers, wire)
      const {sessions} = request.panel
      if (!sessions || !destination.credential) return first
      const wanted = headers
        ? sessions.lost(first.answer)
        : used === undefined && sessions.wanted(first.answer)
      if (!wanted) return first
      // Of several calls that were refused at the same time, the first logs in for all.
      if (session === used) session = open(request.panel, sessions, destination, headers !== undefined)
      const opened = await session
      return opened ? exchange(request, destination, opened, wire) : first
    },
  }
}
