import type {IncomingMessage} from 'node:http'
import type {Duplex} from 'node:stream'
import {type WebSocket, WebSocketServer} from 'ws'
import type {Answer, SandboxRequest} from './answer.js'
import type {Between} from './between.js'

/** What a panel says on a WebSocket that it accepted. */
export interface Conversation {
  /** The text frames that answer one frame of the client, in order. */
  readonly reply: (frame: string) => readonly string[]
  /** What the panel says by itself, the first at once. */
  readonly feed?: {
    readonly everyMs: number
    readonly next: () => string
    /** The connection is closed. */
    readonly ended: () => void
  }
}

/** What a panel does with a request to upgrade: a refusal, a conversation, or nothing for ever. */
export type Upgrade = (request: SandboxRequest) => Answer | Conversation | 'stall'

/** A text frame that a client sent. */
export interface ReceivedFrame {
  /** The target of the upgrade request: path and query. */
  readonly path: string
  readonly text: string
}

/** The WebSockets that are open on a panel. */
export class Sockets {
  /** What clients sent so far, oldest first; a test may empty it. */
  readonly frames: ReceivedFrame[] = []
  readonly #open = new Set<Duplex>()
  readonly #between: Between | undefined
  // Gorilla's upgrader compresses nothing and answers pings with their payload (contracts/komari.md 1.11).
  readonly #server = new WebSocketServer({noServer: true, autoPong: false, perMessageDeflate: false})

  constructor(between: Between | undefined) {
    this.#between = between
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size
  }

  /** Accepts an upgrade. */
  accept(incoming: IncomingMessage, socket: Duplex, head: Buffer, conversation: Conversation): void {
    this.#server.handleUpgrade(incoming, socket, head, webSocket => {
      this.#open.add(socket)
      socket.once('close', () => this.#open.delete(socket))
      this.#talk(webSocket, socket, incoming.url ?? '', conversation)
    })
  }

  /** Ends every connection without a Close frame, as a panel that stops does. */
  drop(): void {
    for (const socket of this.#open) socket.destroy()
  }

  #talk(webSocket: WebSocket, socket: Duplex, path: string, {reply, feed}: Conversation): void {
    // A client that breaks the protocol or resets is an event here, not a failure of the sandbox.
    webSocket.on('error', () => {})
    webSocket.on('ping', payload => {
      // What tells by itself reads nothing on the real one (contracts/nezha.md 3.5), and so answers no pings.
      if (!this.#between?.ping(webSocket) && !feed) webSocket.pong(payload)
    })
    if (feed) {
      const say = () => {
        const said = () => [feed.next()]
        if (this.#between?.frame(said, webSocket, socket)) return
        for (const frame of said()) webSocket.send(frame)
      }
      say()
      const timer = setInterval(say, feed.everyMs)
      socket.once('close', () => {
        clearInterval(timer)
        feed.ended()
      })
    }
    webSocket.on('message', data => {
      const text = data.toString()
      this.frames.push({path, text})
      try {
        if (this.#between?.frame(() => reply(text), webSocket, socket)) return
        for (const answer of reply(text)) webSocket.send(answer)
      } catch (error) {
        // A mistake of the sandbox itself must neither end the command that uses it nor pass unseen.
        webSocket.close(1011, `the sandbox failed: ${error}`.slice(0, 120))
      }
    })
  }
}
