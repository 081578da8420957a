import type {Answer} from '../answer.js'
import {json} from '../go/answers.js'
import {goJson} from '../go/json.js'
import {jsonSyntaxError} from '../go/json-error.js'
import {isObject} from '../json-object.js'
import {success} from './answers.js'
import type {Call} from './call.js'
import {methods} from './methods.js'
import {invoke} from './rpc.js'

/** How a route shows what its method gave (contracts/komari.md 0.4). */
type Shape = 'standard' | 'flat' | 'raw'

/** A route that is a method behind a bridge: body, query and path make its parameters (0.4). */
export function bridged(method: string, shape: Shape = 'standard'): (call: Call) => Answer {
  return call => {
    const {state, caller} = call
    const sent = sentIn(call)
    if (sent === undefined) return bridgeFailure(400, 'Invalid or missing request body')
    const params = parametersOf(call, sent)
    const result = state.features.bridge
      ? invoke(method, params, caller, state, sent)
      : methods.get(method)?.({params, sent, caller, state})
    if (shape === 'raw') return json(200, goJson(result))
    if (shape === 'flat') return json(200, goJson({status: 'success', ...(result as object)}))
    return success(result, state.features)
  }
}

export function bridgeFailure(status: number, message: string): Answer {
  return json(status, goJson({message, status: 'error'}))
}

/** What the body is, or nothing; `undefined` when there is one that is no JSON, on GET too since 1.2.5. */
function sentIn({request, state}: Call): unknown {
  if (request.body === '' || (request.method === 'GET' && !state.features.bridge)) return {}
  return jsonSyntaxError(request.body) === undefined ? JSON.parse(request.body) : undefined
}

/** Path and query win over the body, a list counts as nothing at all. A log's type is not read from a query (trap 56). */
function parametersOf({target, path}: Call, sent: unknown): Record<string, unknown> {
  const params: Record<string, unknown> = isObject(sent) ? {...sent} : {}
  for (const [name, value] of target.query) if (value !== '' && name !== 'msg_type') params[name] = value
  return {...params, ...path}
}

/** 1.1.8 answers these without a message (1.14). */
export function bareVoid(method: string): (call: Call) => Answer {
  const handle = bridged(method)
  return call => {
    const answer = handle(call)
    return call.state.features.bridge || answer.status !== 200
      ? answer
      : json(200, goJson({status: 'success'}))
  }
}

export function clientToken(call: Call): Answer {
  const answer = bridged('admin:getClientToken', 'flat')(call)
  if (call.state.features.bridge) return answer
  // 1.1.8 has a colon in the key (1.14).
  return json(200, goJson({'message:': '', ...JSON.parse(String(answer.body))}))
}
