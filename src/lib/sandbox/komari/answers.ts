import type {Answer} from '../answer.js'
import {json} from '../go/answers.js'
import {goJson} from '../go/json.js'
import type {Features} from './features.js'

/** The error of middleware, login and most routes: shape A (contracts/komari.md 0.4). */
export function failure(status: number, message: string): Answer {
  return json(status, goJson({status: 'error', message}))
}

/** The error of WebSockets, OAuth and agents: shape B. */
export function socketFailure(status: number, error: string): Answer {
  return json(status, goJson({error, status: 'error'}))
}

/** Keys of an answer that is no bridged one: in the order they were written. */
export function plainSuccess(data?: unknown): Answer {
  return json(200, goJson({status: 'success', message: '', ...(data !== undefined && {data})}))
}

/** The standard envelope; `data` is left out when there is none, and versions order the keys (0.4, 1.14). */
export function success(data: unknown, {bridge}: Features): Answer {
  if (!bridge) return plainSuccess(data)
  return json(200, goJson({...(data !== undefined && {data}), message: '', status: 'success'}))
}
