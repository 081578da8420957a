import {PanelctlError} from '../errors.js'
import type {Destination} from './destination.js'
import type {Wire} from './exchange.js'
import type {Panel} from './panel.js'
import type {RawRequest} from './request.js'
import {asking} from './session.js'

/** The panel takes us for a guest in spite of a credential. */
export function unknownCredential({title, name, credentialHint, credentialVariables}: Panel, kind: string) {
  const what = credentialVariables.find(known => known.kind === kind)?.title ?? kind
  return new PanelctlError('AUTH', `${title} does not know the ${what}, and answers as to a guest`, {
    hint: credentialHint,
    panel: name,
  })
}

/** Milliseconds for which an answer to that holds: whoever looks again and again is not to miss that a key is taken back. */
const HOLDS = 1000

/**
 * What finds out whether the panel knows the credential, where its answers do not tell: asked beside the first
 * request that guests may make too, and beside a later one where that was a while ago.
 * @returns for a request what is to be awaited before its answer is believed, and when to begin
 * @throws PanelctlError AUTH where the panel takes us for a guest
 */
export function whetherKnown(
  wire: Wire,
): (
  request: RawRequest,
  destination: Destination,
) => {when: 'beside' | 'after'; isKnown(signal: AbortSignal): Promise<void>} | undefined {
  let known: Promise<boolean | undefined> | undefined
  let askedAt = Number.NEGATIVE_INFINITY

  return (request, destination) => {
    const {panel} = request
    const {credential} = destination
    const {guests} = panel
    // A guest's write is refused.
    const when = credential && request.repeatable ? guests?.asked(request, credential) : undefined
    if (!credential || !guests || !when) return undefined
    const isKnown = async (signal: AbortSignal) => {
      for (;;) {
        if (performance.now() - askedAt >= HOLDS) known = undefined
        if (known === undefined) askedAt = performance.now()
        known ??= guests.knows(credential, asking(panel, destination, wire, signal))
        const asked = known
        try {
          if ((await asked) !== false) return
        } catch (error) {
          if (known === asked) known = undefined
          // The request that it was asked beside has failed, and does not need it any more; this one does.
          if (error instanceof PanelctlError || signal.aborted) throw error
          continue
        }
        throw unknownCredential(panel, credential.kind)
      }
    }
    return {when, isKnown}
  }
}
