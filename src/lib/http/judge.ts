import {PanelctlError} from '../errors.js'
import {type Call, pageFailure, statusFailure, unauthorized} from './failure.js'
import {AnotherProduct, type Answer} from './panel.js'

/** The data of an answer, or the error that it is. */
export function judge(call: Call, answer: Answer): unknown {
  if (answer.status === 204) return null
  const failure = statusFailure(call, answer)
  if (failure) throw failure
  if (answer.json === undefined) throw pageFailure(call, answer)
  try {
    return call.panel.unwrap(answer)
  } catch (error) {
    // Not in the panel's words: what stands before it wants credentials.
    if (answer.status !== 401 || error instanceof AnotherProduct) throw error
    if (!(error instanceof PanelctlError) || error.code !== 'BAD_RESPONSE') throw error
    throw unauthorized(call, answer)
  }
}
