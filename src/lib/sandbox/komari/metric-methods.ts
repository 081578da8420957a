import {goMismatch} from '../go/json-error.js'
import {textIn} from '../json-object.js'
import {audited} from './audit.js'
import type {MethodCall, Methods} from './call.js'
import {renderMetric} from './metric-definitions.js'
import {codes, RpcError} from './rpc-error.js'

function list({state}: MethodCall) {
  return [...state.metrics].map(([name, kept]) => renderMetric(name, kept))
}

/** Days that are left out are none, and then the history is gone for good (trap 40). */
function update(call: MethodCall) {
  const {params, state} = call
  const wrong = goMismatch(params, '', {name: 'string', retention_days: 'int'})
  if (wrong) throw new RpcError(codes.invalidParams, `Invalid request body: ${wrong}`)
  const name = textIn(params, 'name')
  if (name === '') throw new RpcError(codes.invalidParams, 'name is required')
  const days = Number(params.retention_days ?? 0)
  if (days < 0) throw new RpcError(codes.invalidParams, 'retention_days must be a non-negative integer')
  const known = state.metrics.get(name)
  if (!known) throw new RpcError(codes.invalidParams, `metric not found: ${name}`)
  const clearedAt = days === 0 ? state.now() : known.clearedAt
  const changed = {...known, days, clearedAt, updatedAt: state.instant()}
  state.metrics.set(name, changed)
  audited(call, `update metric definition: ${name}`)
  return renderMetric(name, changed)
}

/** Deletes what is stored of load, or of probes too. */
const clear =
  (isCleared: (name: string) => boolean, message: string, type: 'info' | 'warn') =>
  (call: MethodCall): void => {
    const {metrics, now} = call.state
    const clearedAt = now()
    for (const [name, kept] of metrics) if (isCleared(name)) metrics.set(name, {...kept, clearedAt})
    audited(call, message, type)
  }

export const metricMethods: Methods = [
  ['public:listMetricDefinitions', list],
  ['admin:listMetricDefinitions', list],
  ['admin:updateMetricDefinition', update],
  ['admin:clearRecords', clear(name => !name.startsWith('ping.'), 'clear records', 'warn')],
  ['admin:clearAllRecords', clear(() => true, 'clear all records', 'info')],
]
