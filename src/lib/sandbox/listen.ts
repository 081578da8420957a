import {once} from 'node:events'
import http, {type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo, Socket} from 'node:net'
import type {Duplex} from 'node:stream'
import {usageError} from '../errors.js'
import {type Handler, type SandboxRequest, send} from './answer.js'
import type {Between} from './between.js'
import {Sockets, type Upgrade} from './websocket.js'

/** The time in milliseconds since 1970, like `Date.now`. */
export type Clock = () => number

export interface Listening {
  /** `http://127.0.0.1:PORT`, without a trailing slash. */
  readonly url: string
  readonly port: number
  /** What arrived so far, oldest first; a test may empty it (`requests.length = 0`). */
  readonly requests: SandboxRequest[]
  /** The WebSockets that are open, and what came over them. */
  readonly sockets: Sockets
  /** Stops listening and cuts every connection, WebSockets without a Close frame. */
  stop(): Promise<void>
  /** Listens again on the same port after `stop`. Throws USAGE when somebody took it meanwhile. */
  resume(): Promise<void>
  /** The panel stops and starts on the same port, and forgets what it does then. `meanwhile` runs while it is away. */
  restart(meanwhile?: () => void | Promise<void>): Promise<void>
  /** Stops listening and cuts every connection, stalled ones included. */
  close(): Promise<void>
}

export interface ListenOptions {
  readonly handler: Handler
  /** For requests to upgrade; without it they are answered as if they did not ask. */
  readonly upgrade?: Upgrade
  /** What whoever begins with HTTP/2, as agents do, is greeted with; without it that is no request. */
  readonly greeting?: Buffer
  /** What the panel forgets when it starts anew. */
  readonly restart?: () => void
  /** 0 takes any free port. */
  readonly port?: number | undefined
  readonly now: Clock
  readonly between?: Between | undefined
}

/**
 * Serves a panel on loopback and logs what arrives. It knows no panel. The `Date` header follows the given clock:
 * clients tell a node's age by it (design §8b). Throws USAGE when the port cannot be had.
 */
export async function listen(options: ListenOptions): Promise<Listening> {
  const {handler, upgrade, greeting, restart, port = 0, now, between} = options
  const requests: SandboxRequest[] = []
  const sockets = new Sockets(between)
  // Go reads headers up to 1 MB: 500 ids fit into one URL (recording 358).
  const server = http.createServer(
    {maxHeaderSize: 1 << 20, keepAliveTimeout: 60_000},
    (incoming, response) => {
      response.setHeader('Date', new Date(now()).toUTCString())
      // A client that hangs up in the middle is an event here, not a failure of the sandbox.
      response.on('error', () => {})
      answer(incoming, response).catch(error => failed(error, response))
    },
  )

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming)
    requests.push(request)
    if (!between?.request(request, handler, response)) send(response, handler(request))
  }

  function answerUpgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    const response = responseOn(socket, incoming, now)
    // Node hands the socket over with the headers: what would be a body stays unread.
    const request = requestOf(incoming, Buffer.alloc(0))
    requests.push(request)
    if (between?.request(request, handler, response)) return
    const outcome = upgrade?.(request) ?? handler(request)
    if (outcome === 'stall' || !('reply' in outcome)) send(response, outcome)
    else {
      response.detachSocket(socket as Socket)
      sockets.accept(incoming, socket, head, outcome)
    }
  }

  const upgrading = new Set<Duplex>()
  if (upgrade) {
    server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
      // Node leaves these to us, and closes them with the server no more.
      upgrading.add(socket)
      socket.once('close', () => upgrading.delete(socket))
      socket.on('error', () => {})
      answerUpgrade(incoming, socket, head)
    })
  }

  if (greeting) {
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      if (error.code === 'HPE_PAUSED_H2_UPGRADE') socket.write(greeting)
      else socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
    })
  }

  async function open(onPort: number): Promise<void> {
    server.listen(onPort, '127.0.0.1')
    await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
      throw usageError(
        error.code === 'EADDRINUSE'
          ? onPort === 0
            ? 'no port of 127.0.0.1 is free'
            : `port ${onPort} on 127.0.0.1 is taken`
          : `cannot listen on port ${onPort} of 127.0.0.1: ${error.code === 'EACCES' ? 'you may not' : error.message}`,
        'choose another --port, or leave it out for any that is free',
      )
    })
  }

  async function stop(): Promise<void> {
    const closed = new Promise<void>(resolve => server.close(() => resolve()))
    server.closeAllConnections()
    sockets.drop()
    for (const socket of upgrading) socket.destroy()
    await closed
  }

  await open(port)
  const address = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    requests,
    sockets,
    stop,
    resume: () => open(address.port),
    restart: async meanwhile => {
      await stop()
      await meanwhile?.()
      restart?.()
      await open(address.port)
    },
    close: stop,
  }
}

/** Something to write an ordinary answer with to a socket that asked for an upgrade. */
function responseOn(socket: Duplex, incoming: IncomingMessage, now: Clock): ServerResponse {
  const response = new http.ServerResponse(incoming)
  response.shouldKeepAlive = false
  response.assignSocket(socket as Socket)
  response.setHeader('Date', new Date(now()).toUTCString())
  response.on('error', () => {})
  response.on('finish', () => socket.end())
  return response
}

/** A mistake of the sandbox itself must neither end the command that uses it nor pass unseen. */
function failed(error: unknown, response: ServerResponse): void {
  if (response.headersSent || response.destroyed) response.destroy()
  else send(response, {status: 500, body: `the sandbox failed: ${error}\n`})
}

async function readRequest(incoming: IncomingMessage): Promise<SandboxRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return requestOf(incoming, Buffer.concat(chunks))
}

function requestOf(incoming: IncomingMessage, bytes: Buffer): SandboxRequest {
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers: incoming.headers,
    rawHeaders: incoming.rawHeaders,
    body: bytes.toString('utf8'),
    bytes,
    remoteAddress: incoming.socket.remoteAddress ?? '127.0.0.1',
  }
}
