import type {ServerResponse} from 'node:http'
import type {Duplex} from 'node:stream'
import type {WebSocket} from 'ws'
import type {Handler, SandboxRequest} from './answer.js'

/** Stands between clients and a panel: tests put the failures of a network there. */
export interface Between {
  /** Whether it answers this request itself; the panel has not seen it yet. */
  request(request: SandboxRequest, handler: Handler, response: ServerResponse): boolean
  /** Whether it answers this frame of a WebSocket itself; `reply` gives what the panel would say. */
  frame(reply: () => readonly string[], webSocket: WebSocket, socket: Duplex): boolean
  /** Whether it leaves this ping without a pong. */
  ping(webSocket: WebSocket): boolean
}
