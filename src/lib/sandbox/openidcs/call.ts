import type {Answer, SandboxRequest} from '../answer.js'
import {flaskJson, isList, isObject, type Json, type JsonObject} from './json.js'
import {badRequestPage, noJson, oldWrongTypePage, wrongTypePage} from './pages.js'
import {isTruthy, PythonError, pythonJsonProblem, pythonType} from './python.js'
import type {OpenidcsState} from './state.js'
import type {Host, Vm} from './vm.js'

/** A request that found its route. */
export interface Call {
  readonly request: SandboxRequest
  readonly path: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** A valid `Authorization: Bearer`. */
  readonly hasToken: boolean
  /** A cookie of somebody who logged in. */
  readonly hasSession: boolean
  readonly state: OpenidcsState
}

export type Handle = (call: Call) => Answer

/** An answer that ends the work of a route from within. */
export class Refusal extends Error {
  constructor(
    readonly answer: Answer,
    /** What handlers that wrap everything say instead (contracts/openidcs.md 1.4). */
    readonly wrapped?: string,
  ) {
    super('refused')
  }
}

export function json(state: OpenidcsState, status: number, value: Json): Answer {
  return {status, headers: {'Content-Type': 'application/json'}, body: flaskJson(value, state.debug)}
}

/** The envelope: HTTP 200 whatever the code is (contracts/openidcs.md 1.1). */
function envelope({state}: Call, code: number, msg: string, data: Json): Answer {
  const stamp: JsonObject = state.features.isNewest ? {timestamp: Math.floor(state.now() / 1000)} : {}
  return json(state, 200, {code, msg, data, ...stamp})
}

export function done(call: Call, msg: string, data: Json = null): Answer {
  return envelope(call, 200, msg, data)
}

export function success(call: Call, data: Json): Answer {
  return done(call, 'success', data)
}

export function failure(call: Call, code: number, msg: string, data: Json = null): Answer {
  return envelope(call, code, msg, data)
}

/** Named in the path; 404 in the envelope when there is none. */
export function hostOf(call: Call): Host {
  const host = call.state.hosts.get(call.path.host ?? '')
  if (!host) throw new Refusal(failure(call, 404, '主机不存在'))
  return host
}

export function vmOf(call: Call, host = hostOf(call)): Vm {
  const vm = host.vms.get(call.path.vm ?? '')
  if (!vm) throw new Refusal(failure(call, 404, '虚拟机不存在'))
  return vm
}

/** `request.get_json() or {}`: the body has to be called JSON and be JSON (contracts/openidcs.md 1.2). */
export function bodyOf({request, state}: Call): JsonObject {
  const type = request.headers['content-type'] ?? ''
  if (!/^application\/(json|[^;]+\+json)\s*(;|$)/i.test(type)) {
    const refusal = state.oldWerkzeug ? oldWrongTypePage : wrongTypePage
    throw new Refusal(refusal, `415 Unsupported Media Type: ${noJson}`)
  }
  const problem = pythonJsonProblem(request.body)
  if (problem !== undefined) {
    const page = badRequestPage(problem, state.debug)
    throw new Refusal(page, `400 Bad Request: Failed to decode JSON object: ${problem}`)
  }
  const body: Json = JSON.parse(request.body)
  if (isObject(body)) return body
  // An empty list is as good as an empty object, another one has no `get`.
  if (!isTruthy(body)) return {}
  throw new PythonError(`AttributeError: '${pythonType(body)}' object has no attribute 'get'`)
}

/** `request.get_json(silent=True) or {}`. */
export function bodyIfAny(call: Call): JsonObject {
  try {
    return bodyOf(call)
  } catch (error) {
    if (error instanceof Refusal) return {}
    throw error
  }
}

export function listOf(value: Json | undefined): readonly Json[] {
  return isList(value) ? value : []
}

/** A handler that catches everything, and answers HTTP 200 with code 500 (1.4). */
export function wrapping(prefix: string, handle: Handle): Handle {
  return call => {
    try {
      return handle(call)
    } catch (error) {
      if (error instanceof Refusal && error.wrapped) return failure(call, 500, `${prefix}: ${error.wrapped}`)
      if (error instanceof PythonError) return failure(call, 500, `${prefix}: ${error.reason}`)
      throw error
    }
  }
}
