import {once} from 'node:events'
import {readFileSync} from 'node:fs'
import http, {type IncomingHttpHeaders, type IncomingMessage} from 'node:http'
import https from 'node:https'
import type {AddressInfo} from 'node:net'
import {text} from 'node:stream/consumers'
import {onTestFinished} from 'vitest'
import {type WebSocket, WebSocketServer} from 'ws'
import {now} from './harness.js'
import {tlsFixtures} from './process/serve.js'

/** A small server on a socket that answers as a test says: with recordings, and with what an emulator is too well-behaved for. */

export interface Answer {
  readonly status?: number
  /** The body, as JSON. */
  readonly json?: unknown
  /** The body as it is, in place of JSON. */
  readonly text?: string
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Seen {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export type Route = Answer | ((request: Seen) => Answer)

export interface ReplayServer {
  readonly url: string
  readonly port: number
  readonly requests: Seen[]
  /** The handshakes of WebSockets. */
  readonly handshakes: {readonly url: string; readonly headers: IncomingHttpHeaders}[]
  /** By method and path without its query. */
  readonly routes: Record<string, Route>
  /** For any other request. */
  otherwise: Route
  /** What a frame is answered with; undefined is nothing. */
  feed: (question: string, socket: WebSocket) => string | undefined
  /** In place of a WebSocket. */
  refusal: Answer | undefined
  /** The WebSockets that are open. */
  readonly sockets: ReadonlySet<WebSocket>
  /** Stops, as a panel that is killed; `start` comes back on the same port. */
  stop(): Promise<void>
  start(): Promise<void>
}

function bodyOf({json, text: plain}: Answer): string {
  return plain ?? (json === undefined ? '' : JSON.stringify(json))
}

function headersOf({json, type, headers = {}}: Answer): Record<string, string> {
  const contentType = type ?? (json === undefined ? undefined : 'application/json; charset=utf-8')
  return {...(contentType ? {'content-type': contentType} : {}), ...headers}
}

/** A server, closed after the test. */
export async function replayServer(protocol: 'http' | 'https' = 'http'): Promise<ReplayServer> {
  const server = await startReplayServer(protocol)
  onTestFinished(server.stop)
  return server
}

/** The same for who closes it himself. */
export async function startReplayServer(protocol: 'http' | 'https' = 'http'): Promise<ReplayServer> {
  let server = http.createServer()
  let port = 0
  const sockets = new Set<WebSocket>()
  const webSockets = new WebSocketServer({noServer: true})

  async function answer(incoming: IncomingMessage, outgoing: http.ServerResponse): Promise<void> {
    const {method = '', url = '/', headers} = incoming
    const request: Seen = {method, path: url, headers, body: await text(incoming)}
    panel.requests.push(request)
    const route = panel.routes[`${method} ${url.split('?')[0]}`] ?? panel.otherwise
    const given = typeof route === 'function' ? route(request) : route
    outgoing.writeHead(given.status ?? 200, {date: now.toUTCString(), ...headersOf(given)})
    outgoing.end(bodyOf(given))
  }

  async function start(): Promise<void> {
    const listener = (incoming: IncomingMessage, outgoing: http.ServerResponse) => {
      answer(incoming, outgoing).catch(() => outgoing.destroy())
    }
    const {certFile, keyFile} = tlsFixtures
    server =
      protocol === 'http'
        ? http.createServer(listener)
        : https.createServer({cert: readFileSync(certFile), key: readFileSync(keyFile)}, listener)
    server.on('upgrade', (incoming, socket, head) => {
      const {url = '', headers} = incoming
      panel.handshakes.push({url, headers})
      const {refusal} = panel
      if (refusal) {
        const body = bodyOf(refusal)
        const lines = Object.entries({
          ...headersOf(refusal),
          'content-length': String(Buffer.byteLength(body)),
          connection: 'close',
        }).map(([name, value]) => `${name}: ${value}\r\n`)
        socket.end(`HTTP/1.1 ${refusal.status ?? 200} No\r\n${lines.join('')}\r\n${body}`)
        return
      }
      webSockets.handleUpgrade(incoming, socket, head, connection => {
        sockets.add(connection)
        connection.on('close', () => sockets.delete(connection))
        connection.on('message', data => {
          const frame = panel.feed(data.toString(), connection)
          if (frame !== undefined) connection.send(frame)
        })
      })
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }

  const panel: ReplayServer = {
    get url() {
      return `${protocol}://127.0.0.1:${port}`
    },
    get port() {
      return port
    },
    requests: [],
    handshakes: [],
    routes: {},
    otherwise: {status: 404},
    feed: () => undefined,
    refusal: undefined,
    sockets,
    start,
    stop: async () => {
      for (const socket of sockets) socket.terminate()
      server.closeAllConnections()
      await new Promise<void>(resolve => server.close(() => resolve()))
    },
  }
  await start()
  return panel
}
