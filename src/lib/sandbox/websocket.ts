import type {IncomingMessage} from 'node:http'
import type {Duplex} from 'node:stream'
import {type WebSocket, WebSocketServer} from 'ws'
import type {Answer, SandboxRequest} from './answer.js'

/** What a panel says on a WebSocket that it accepted. */
export interface Conversation {
  /** The text frames that answer one frame of the client, in order. */
  readonly reply: (frame: string) => readonly string[]
}

/** What a panel does with a request to upgrade: a refusal, a conversation, or nothing for ever. */
export type Upgrade = (request: SandboxRequest) => Answer | Conversation | 'stall'

/** What can go wrong on a WebSocket, in place of the answer to a frame. */
export type SocketFault =
  /** The connection ends without a Close frame, as when the panel is stopped (contracts/komari.md 1.11). */
  | {readonly kind: 'drop'}
  /** The connection is reset. */
  | {readonly kind: 'reset'}
  /** This frame is never answered; the next ones are. */
  | {readonly kind: 'silent'}
  /** From this frame on nothing is answered, pings neither: a peer that is gone while its socket is open. */
  | {readonly kind: 'mute'}
  /** A frame that breaks the protocol: a reserved opcode. */
  | {readonly kind: 'bad-frame'}
  /** Text that is no JSON. */
  | {readonly kind: 'bad-json'}
  /** JSON of another shape. */
  | {readonly kind: 'wrong-types'}
  /** The answer starts, and half of its frame never comes. */
  | {readonly kind: 'half-frame'}
  /** A Close frame. */
  | {readonly kind: 'close'; readonly code?: number; readonly reason?: string}

export interface SocketMatching {
  /** How many frames it hits: 1 unless told; `Infinity` until cleared. */
  readonly times?: number
  /** How many frames are answered well before. */
  readonly after?: number
}

interface Planned {
  readonly fault: SocketFault
  left: number
  after: number
}

/** The faults that wait for their frame, on whichever socket it comes. */
export class SocketFaults {
  #planned: Planned[] = []

  /** The next frame (or `times`), once `after` frames are answered, gets this fault. */
  next(fault: SocketFault, {times = 1, after = 0}: SocketMatching = {}): void {
    this.#planned.push({fault, left: times, after})
  }

  /** Forgets every fault that was not used. */
  clear(): void {
    this.#planned = []
  }

  /** The fault for this frame, used up once. */
  take(): SocketFault | undefined {
    const [planned] = this.#planned
    if (!planned || planned.after-- > 0) return undefined
    planned.left--
    if (planned.left <= 0) this.#planned.shift()
    return planned.fault
  }
}

/** A text frame that a client sent. */
export interface ReceivedFrame {
  /** The target of the upgrade request: path and query. */
  readonly path: string
  readonly text: string
}

/** The WebSockets that are open on a panel. */
export class Sockets {
  readonly faults = new SocketFaults()
  /** What clients sent so far, oldest first; a test may empty it. */
  readonly frames: ReceivedFrame[] = []
  /** How many pings came in. */
  pings = 0
  readonly #open = new Set<Duplex>()
  // Gorilla's upgrader compresses nothing and answers pings with their payload (contracts/komari.md 1.11).
  readonly #server = new WebSocketServer({noServer: true, autoPong: false, perMessageDeflate: false})

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

  #talk(webSocket: WebSocket, socket: Duplex, path: string, {reply}: Conversation): void {
    let mute = false
    // A client that breaks the protocol or resets is an event here, not a failure of the sandbox.
    webSocket.on('error', () => {})
    webSocket.on('ping', payload => {
      this.pings++
      if (!mute) webSocket.pong(payload)
    })
    webSocket.on('message', data => {
      const text = data.toString()
      this.frames.push({path, text})
      if (mute) return
      const fault = this.faults.take()
      mute = fault?.kind === 'mute'
      try {
        if (fault) spoil(fault, webSocket, socket, () => reply(text))
        else for (const answer of reply(text)) webSocket.send(answer)
      } catch (error) {
        // A mistake of the sandbox itself must neither end the command that uses it nor pass unseen.
        webSocket.close(1011, `the sandbox failed: ${error}`.slice(0, 120))
      }
    })
  }
}

function spoil(
  fault: SocketFault,
  webSocket: WebSocket,
  socket: Duplex,
  answer: () => readonly string[],
): void {
  switch (fault.kind) {
    case 'silent':
    case 'mute':
      break
    case 'drop':
      socket.end(() => socket.destroy())
      break
    case 'reset':
      reset(socket)
      break
    case 'bad-frame':
      // Opcode 3 is reserved, and no extension gives it a meaning.
      socket.write(Buffer.from([0x83, 0x00]))
      break
    case 'bad-json':
      webSocket.send('{"data":{"online":[')
      break
    case 'wrong-types':
      webSocket.send('{"data":{"online":{},"data":[]},"status":7}\n')
      break
    case 'half-frame': {
      const body = Buffer.from(answer()[0] ?? '{}\n')
      // The 16-bit length holds 65,535 bytes; a longer answer is announced with 64 bits.
      const head = body.length < 65_536 ? Buffer.alloc(4) : Buffer.alloc(10)
      head[0] = 0x81
      head[1] = head.length === 4 ? 126 : 127
      if (head.length === 4) head.writeUInt16BE(body.length, 2)
      else head.writeBigUInt64BE(BigInt(body.length), 2)
      socket.write(head)
      socket.write(body.subarray(0, Math.floor(body.length / 2)))
      break
    }
    case 'close':
      webSocket.close(fault.code ?? 1011, fault.reason)
  }
}

function reset(socket: Duplex): void {
  if ('resetAndDestroy' in socket && typeof socket.resetAndDestroy === 'function') socket.resetAndDestroy()
  else socket.destroy()
}
