import {goRefusal} from '../go/json-error.js'
import {isObject} from '../json-object.js'
import {codes, RpcError} from './rpc-error.js'

/** Weights by uuid or id, as they were sent; null is zero. */
export function weightsIn(sent: unknown): Array<[string, number]> {
  const weights = sent ?? {}
  const wrong = isObject(weights)
    ? Object.values(weights).flatMap(one =>
        one === null || Number.isInteger(one) ? [] : [goRefusal(one, 'int')],
      )[0]
    : goRefusal(weights, 'map[string]int')
  if (wrong) throw new RpcError(codes.invalidParams, `Invalid or missing request body: ${wrong}`)
  return Object.entries(weights).map(([name, weight]) => [name, Number(weight)])
}
