import {goJson} from '../go/json.js'
import {goMismatch, jsonSyntaxError} from '../go/json-error.js'
import {type Fields, isObject} from '../json-object.js'
import type {Caller} from './identity.js'
import {isAdmin} from './identity.js'
import {methodNames} from './method-names.js'
import {methods} from './methods.js'
import {isPrivateFor} from './privacy.js'
import {codes, RpcError} from './rpc-error.js'
import type {KomariState} from './state.js'

interface RpcRequest {
  readonly method: string
  readonly params: unknown
  readonly id: unknown
}

type Json = Fields

/** One response; the result is left out when it is null, the id when there is none (contracts/komari.md 2.1). */
function response(id: unknown, content: {readonly result?: unknown; readonly error?: RpcError}): Json {
  const {result, error} = content
  return {
    jsonrpc: '2.0',
    ...(id !== undefined && id !== null && {id}),
    ...(error && {
      error: {
        code: error.code,
        message: error.message,
        ...(error.data !== undefined && {data: error.data}),
      },
    }),
    ...(result !== undefined && result !== null && {result}),
  }
}

/** What the panel says to the body of a POST. Throws `Panic`. */
export function answerRpc(body: string, caller: Caller, state: KomariState): {status: number; body: string} {
  let requests: RpcRequest[]
  try {
    requests = parseBody(body)
  } catch (error) {
    if (error instanceof RpcError) return {status: 400, body: goJson(response(undefined, {error}))}
    throw error
  }
  const answers = requests.map(request => answerOne(request, caller, state))
  // A batch of one is answered with an object (2.1).
  return {status: 200, body: goJson(answers.length === 1 ? answers[0] : answers)}
}

/** What the panel says to a frame: one request each, and whatever else is a bad one (2.1). */
export function answerFrame(frame: string, caller: Caller, state: KomariState): string {
  const syntax = frame === '' ? 'unexpected end of JSON input' : jsonSyntaxError(frame)
  const json: unknown = syntax === undefined ? JSON.parse(frame) : undefined
  const wrong = syntax ?? mismatch(json)
  if (wrong !== undefined) {
    const error = new RpcError(codes.invalidRequest, `bad request: ${wrong}`)
    return `${goJson(response(undefined, {error}))}\n`
  }
  const {id} = json as Json
  try {
    return `${goJson(answerOne(checked(json as Json), caller, state))}\n`
  } catch (error) {
    if (error instanceof RpcError) return `${goJson(response(id, {error}))}\n`
    throw error
  }
}

function parseBody(body: string): RpcRequest[] {
  if (body.trim() === '') throw new RpcError(codes.parse, 'empty body')
  const syntax = jsonSyntaxError(body)
  const first = body.trimStart().charAt(0)
  if (first !== '{' && first !== '[') throw new RpcError(codes.parse, 'invalid json: not object/array')
  if (syntax !== undefined) throw new RpcError(codes.parse, 'invalid json', syntax)
  const json: unknown = JSON.parse(body)
  const elements: unknown[] = Array.isArray(json) ? json : [json]
  if (elements.length === 0) throw new RpcError(codes.invalidRequest, 'empty batch')
  for (const element of elements) {
    const wrong = mismatch(element)
    if (wrong !== undefined) throw new RpcError(codes.parse, 'invalid json', wrong)
  }
  return elements.map(element => checked(element as Json))
}

function mismatch(json: unknown): string | undefined {
  return goMismatch(json, 'rpc.JsonRpcRequest', {jsonrpc: 'string', method: 'string'})
}

function checked({jsonrpc, method, params, id}: Json): RpcRequest {
  if (jsonrpc !== '2.0') throw new RpcError(codes.invalidRequest, 'invalid jsonrpc version')
  if (typeof method !== 'string' || method === '') throw new RpcError(codes.invalidRequest, 'method required')
  return {method, params, id}
}

function answerOne({method, params, id}: RpcRequest, caller: Caller, state: KomariState): Json {
  try {
    return response(id, {result: invoke(method, params, caller, state)})
  } catch (error) {
    if (error instanceof RpcError) return response(id, {error})
    throw error
  }
}

/** Open to guests of a private site (0.3). */
const alwaysOpen = [
  'public:getMe',
  'public:getPublicSettings',
  'public:getVersion',
  'public:recordVisitorEvent',
]

/** Privacy is looked at before permission, permission before existence (2.2). */
export function invoke(
  method: string,
  params: unknown,
  caller: Caller,
  state: KomariState,
  sent = params,
): unknown {
  const {bridge} = state.features
  if (bridge && isPrivateFor(caller, state) && !alwaysOpen.includes(method)) {
    throw new RpcError(codes.permissionDenied, 'Private site enabled, please login first')
  }
  if (!mayCall(method, caller, bridge)) {
    throw bridge
      ? new RpcError(codes.permissionDenied, 'Permission denied')
      : new RpcError(401, 'Unauthorized')
  }
  if (method.startsWith('rpc.')) return introspect(method, params, state)
  const known = methods.get(method)
  const exists = methodNames(state.features).includes(method)
  if (!exists) throw new RpcError(codes.methodNotFound, 'method not found', method)
  if (!known) throw new RpcError(codes.unimplemented, 'the sandbox does not have this method', method)
  return known({params: bound(method, params), sent, caller, state})
}

function mayCall(method: string, caller: Caller, bridge: boolean): boolean {
  const [namespace, name] = method.split(':')
  // Without a namespace it is nobody's, and found nowhere.
  if (name === undefined) return true
  if (namespace === 'common' || namespace === 'guest') return true
  if (namespace === 'public') return bridge || isAdmin(caller)
  return namespace === 'client' ? caller.kind === 'agent' : isAdmin(caller)
}

function introspect(method: string, params: unknown, state: KomariState): unknown {
  const describe = (name: string) => ({
    name,
    summary: 'This method does not provide a summary',
    description: 'This method does not provide a description',
  })
  switch (method) {
    case 'rpc.ping':
      return 'pong'
    case 'rpc.version':
      return '2.0'
    case 'rpc.methods':
      return methodNames(state.features)
    case 'rpc.help': {
      const {method: wanted} = objectOf(params)
      if (typeof wanted !== 'string') return methodNames(state.features).map(describe)
      if (methodNames(state.features).includes(wanted)) return describe(wanted)
      throw new RpcError(codes.invalidRequest, 'method not found')
    }
    default:
      throw new RpcError(codes.methodNotFound, 'method not found', method)
  }
}

function objectOf(params: unknown): Json {
  return isObject(params) ? params : {}
}

/** The order of fields where arrays and scalars are taken for them (2.3). */
const positions: Readonly<Record<string, readonly string[]>> = {
  'common:getNodes': ['uuid'],
  'common:getNodesLatestStatus': ['uuid', 'uuids'],
  'common:getNodeRecentStatus': ['uuid'],
  'admin:updateMetricDefinition': ['name', 'retention_days'],
  'common:getRecords': ['type', 'uuid', 'hours', 'start', 'end', 'load_type', 'task_id', 'maxCount'],
}

function bound(method: string, params: unknown): Json {
  const names = positions[method]
  if (!names) return objectOf(params)
  if (Array.isArray(params)) return Object.fromEntries(names.map((name, index) => [name, params[index]]))
  if (typeof params !== 'object') return params === undefined ? {} : {[names[0] ?? '']: params}
  // Keys without case, as Go's decoder takes them.
  return Object.fromEntries(
    Object.entries(objectOf(params)).map(([key, value]) => [
      names.find(name => name.toLowerCase() === key.toLowerCase()) ?? key,
      value,
    ]),
  )
}
