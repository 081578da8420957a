import type {Duplex} from 'node:stream'
import type {WebSocket} from 'ws'

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
  readonly #muted = new WeakSet<WebSocket>()
  /** How many pings came in. */
  pings = 0

  /** The next frame (or `times`), once `after` frames are answered, gets this fault. */
  next(fault: SocketFault, {times = 1, after = 0}: SocketMatching = {}): void {
    this.#planned.push({fault, left: times, after})
  }

  /** Forgets every fault that was not used. */
  clear(): void {
    this.#planned = []
  }

  /** Answers a frame the wrong way, when its turn has come. */
  frame(reply: () => readonly string[], webSocket: WebSocket, socket: Duplex): boolean {
    if (this.#muted.has(webSocket)) return true
    const fault = this.#take()
    if (!fault) return false
    if (fault.kind === 'mute') this.#muted.add(webSocket)
    else spoil(fault, webSocket, socket, reply)
    return true
  }

  /** Counts a ping, and says whether it stays without a pong. */
  ping(webSocket: WebSocket): boolean {
    this.pings++
    return this.#muted.has(webSocket)
  }

  /** The fault for this frame, used up once. */
  #take(): SocketFault | undefined {
    const [planned] = this.#planned
    if (!planned || planned.after-- > 0) return undefined
    planned.left--
    if (planned.left <= 0) this.#planned.shift()
    return planned.fault
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
