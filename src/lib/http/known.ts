import {PanelctlError} from '../errors.js'
import type {Destination} from './destination.js'
import type {Exchange} from './exchange.js'
import {type Answer, type Guests, orLost, type Panel, sessionLost} from './panel.js'
import type {RawRequest} from './request.js'
import {asking} from './session.js'

/** The panel takes us for a guest in spite of a credential. */
export function unknownCredential({title, name, credentialHint, credentialVariables}: Panel, kind: string) {
  const what = credentialVariables.find(known => known.kind === kind)?.title ?? kind
  return new PanelctlError('AUTH', `${title} does not know the ${what}, and answers as to a guest`, {
    hint: orLost(credentialHint, kind),
    panel: name,
  })
}

/** The same of the session that the credential was good for. */
function unknownSession({title, name}: Panel) {
  const text = `${title} does not know the session that it has just given, and answers as to a guest`
  return new PanelctlError('AUTH', text, {hint: sessionLost, panel: name})
}

/** Seconds for which an answer to that holds: whoever looks again and again is not to miss that a key is taken back. */
const HOLDS = 1

/**
 * What finds out whether the panel knows the credential, where its answers do not tell: asked with the first
 * request that guests may make too, and with a later one where that was a while ago.
 */
export function whetherKnown(exchange: (request: RawRequest, destination: Destination) => Promise<Exchange>) {
  let known: Promise<boolean | undefined> | undefined
  let askedAt = Number.NEGATIVE_INFINITY

  function hold(asked: typeof known): typeof known {
    known = asked
    // A clock that Node has loaded, and that nobody sets.
    askedAt = process.uptime()
    return asked
  }

  return {
    /**
     * @returns for a request what is to be awaited before its answer is believed, and when to begin
     * @throws PanelctlError AUTH where the panel takes us for a guest
     */
    asking(
      request: RawRequest,
      destination: Destination,
    ):
      | {when: NonNullable<ReturnType<Guests['asked']>>; isKnown(signal: AbortSignal): Promise<void>}
      | undefined {
      const {panel} = request
      const {credential} = destination
      const {guests} = panel
      if (!credential || !guests) return undefined
      const when = request.repeatable ? guests.asked(request, credential) : guests.refuses && 'after'
      if (!when) return undefined
      const send = (asked: RawRequest) => exchange(asked, destination)
      const isKnown = async (signal: AbortSignal) => {
        for (;;) {
          if (process.uptime() - askedAt >= HOLDS) known = undefined
          const isOurs = known === undefined
          const asked = known ?? hold(guests.knows(credential, asking(panel, send, signal)))
          try {
            if ((await asked) !== false) return
          } catch (error) {
            if (known === asked) known = undefined
            // The other request that it was asked beside has failed, and does not need it any more; this one does.
            if (error instanceof PanelctlError || isOurs) throw error
            continue
          }
          throw panel.sessions?.needed?.(credential)
            ? unknownSession(panel)
            : unknownCredential(panel, credential.kind)
        }
      }
      return {when, isKnown}
    },
    /** An answer that guests do not get tells it as well. */
    answered(request: RawRequest, {credential}: Destination, answer: Answer): void {
      if (credential && request.panel.guests?.proves?.(request, answer)) hold(Promise.resolve(true))
    },
  }
}
