import type {Answer, SandboxRequest} from '../answer.js'
import type {Target} from '../go/query.js'
import type {Fields} from '../json-object.js'
import type {Conversation} from '../websocket.js'
import type {Caller} from './identity.js'
import type {KomariState} from './state.js'

/** A request that found its route. */
export interface Call {
  readonly request: SandboxRequest
  readonly target: Target
  /** The parts of the path that the route names. */
  readonly path: Readonly<Record<string, string>>
  readonly caller: Caller
  readonly state: KomariState
  /** The request asks for a WebSocket. */
  readonly upgrading: boolean
}

export type Handle = (call: Call) => Answer | Conversation

/** A call of a method, from a route or from JSON-RPC. */
export interface MethodCall {
  readonly params: Fields
  /** What was sent for parameters, whatever it is. */
  readonly sent: unknown
  readonly caller: Caller
  readonly state: KomariState
}

/** What a method gives; `undefined` is a void one. Throws `RpcError`, or `Panic`. */
export type Method = (call: MethodCall) => unknown

/** Methods by their names. */
export type Methods = ReadonlyArray<readonly [name: string, method: Method]>
