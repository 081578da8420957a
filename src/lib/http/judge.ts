import {PanelctlError} from '../errors.js'
import {pageFailure, statusFailure} from './answer-failure.js'
import {type Call, unreadable} from './failure.js'
import {gatewayLogin, nearRoot} from './gateway.js'
import {AnotherProduct, type Answer} from './panel.js'

/** The data of an answer, or the error that it is. */
export function judge(call: Call, answer: Answer): unknown {
  const failure = statusFailure(call, answer)
  if (failure) throw failure
  if (answer.json === undefined) throw unreadable(call, pageFailure(call, answer))
  try {
    return call.panel.unwrap(answer)
  } catch (error) {
    if (!(error instanceof PanelctlError) || error instanceof AnotherProduct) throw error
    // Not in the panel's words: what stands before it wants credentials.
    if (answer.status === 401 && error.code === 'BAD_RESPONSE') throw gatewayLogin(call, answer)
    throw unreadable(call, nearRoot(call, answer, error))
  }
}
