import {once} from 'node:events'
import http, {type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {usageError} from '../errors.js'
import {type Handler, type SandboxRequest, send} from './answer.js'
import {Faults} from './faults.js'

/** The time in milliseconds since 1970, like `Date.now`. */
export type Clock = () => number

export interface Listening {
  /** `http://127.0.0.1:PORT`, without a trailing slash. */
  readonly url: string
  readonly port: number
  /** What arrived so far, oldest first; a test may empty it (`requests.length = 0`). */
  readonly requests: SandboxRequest[]
  readonly faults: Faults
  /** Stops listening and cuts every connection, stalled ones included. */
  close(): Promise<void>
}

export interface ListenOptions {
  readonly handler: Handler
  /** 0 takes any free port. */
  readonly port?: number | undefined
  readonly now: Clock
}

/**
 * Serves a panel on loopback, logs what arrives and applies the faults a test asked for. It knows
 * no panel. The `Date` header follows the given clock: clients tell a node's age by it (design §8b).
 * Throws USAGE when the port cannot be had.
 */
export async function listen({handler, port = 0, now}: ListenOptions): Promise<Listening> {
  const requests: SandboxRequest[] = []
  const faults = new Faults()
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
    const fault = faults.take(request)
    if (fault) faults.apply(fault, request, handler, response)
    else send(response, handler(request))
  }

  server.listen(port, '127.0.0.1')
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw usageError(
      error.code === 'EADDRINUSE'
        ? `port ${port} on 127.0.0.1 is taken`
        : `cannot listen on port ${port} of 127.0.0.1: ${error.code === 'EACCES' ? 'you may not' : error.message}`,
      'choose another --port, or leave it out for any that is free',
    )
  })
  const address = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    requests,
    faults,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A mistake of the sandbox itself must neither end the command that uses it nor pass unseen. */
function failed(error: unknown, response: ServerResponse): void {
  if (response.headersSent || response.destroyed) response.destroy()
  else send(response, {status: 500, body: `the sandbox failed: ${error}\n`})
}

async function readRequest(incoming: IncomingMessage): Promise<SandboxRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
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
