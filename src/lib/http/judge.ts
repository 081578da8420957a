import {PanelctlError} from '../errors.js'
import {pageFailure, statusFailure} from './answer-failure.js'
import {type Call, unreadable} from './failure.js'
import {foreignFailure, nearRoot} from './gateway.js'
import {type Answer, foreign, NoSuchRoute, NotTaken} from './panel.js'

/** The data of an answer, or the error that it is. */
export function judge(call: Call, answer: Answer): unknown {
  const failure = statusFailure(call, answer)
  if (failure) throw failure
  if (answer.json === undefined) throw unreadable(call, pageFailure(call, answer))
  let data: unknown
  try {
    data = call.panel.unwrap(answer)
  } catch (error) {
    if (error instanceof NoSuchRoute) throw nearRoot(call, answer, error)
    if (!(error instanceof PanelctlError) || error instanceof NotTaken) throw error
    throw unreadable(call, nearRoot(call, answer, error))
  }
  if (data === foreign) throw foreignFailure(call, answer)
  return data
}
