import {once} from 'node:events'
import {readFileSync} from 'node:fs'
import http, {type IncomingHttpHeaders, type IncomingMessage} from 'node:http'
import https from 'node:https'
import type {AddressInfo} from 'node:net'
import {text} from 'node:stream/consumers'
import {onTestFinished} from 'vitest'
import {type WebSocket, WebSocketServer} from 'ws'
import {tlsFixtures} from './process/serve.js'

/** A small server on a socket that answers as a test says: for what an emulated panel would be too well-behaved. */

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

export interface KomariServer {
  readonly url: string
  readonly port: number
  /** For the environment: its address, and no credential. */
  readonly environment: Readonly<Record<string, string>>
  readonly requests: Seen[]
  /** The handshakes of WebSockets. */
  readonly handshakes: {readonly url: string; readonly headers: IncomingHttpHeaders}[]
  /** By method and path without its query; anything else is the panel's web page, or its 404. */
  readonly routes: Record<string, Route>
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

const page: Answer = {text: '<!doctype html><title>Komari</title>', type: 'text/html; charset=utf-8'}

/** An unknown path with another method than GET (contracts/komari.md 0.4, shape F). */
const notFound: Answer = {status: 404, text: '404 page not found', type: 'text/plain'}

/** The standard envelope. */
export function success(data: unknown): Answer {
  return {json: {status: 'success', message: '', data}}
}

/** A refusal in the panel's words. */
export function refused(status: number, message: string): Answer {
  return {status, json: {status: 'error', message}}
}

function bodyOf({json, text: plain}: Answer): string {
  return plain ?? (json === undefined ? '' : JSON.stringify(json))
}

function headersOf({json, type, headers = {}}: Answer): Record<string, string> {
  const contentType = type ?? (json === undefined ? undefined : 'application/json; charset=utf-8')
  return {...(contentType ? {'content-type': contentType} : {}), ...headers}
}

/** A server, closed after the test. */
export async function komariServer(
  routes: Record<string, Route> = {},
  protocol: 'http' | 'https' = 'http',
): Promise<KomariServer> {
  const server = await startKomariServer(routes, protocol)
  onTestFinished(server.stop)
  return server
}

/** The same for who closes it himself. */
export async function startKomariServer(
  routes: Record<string, Route> = {},
  protocol: 'http' | 'https' = 'http',
): Promise<KomariServer> {
  let server = http.createServer()
  let port = 0
  const sockets = new Set<WebSocket>()
  const webSockets = new WebSocketServer({noServer: true})

  async function answer(incoming: IncomingMessage, outgoing: http.ServerResponse): Promise<void> {
    const {method = '', url = '/', headers} = incoming
    const request: Seen = {method, path: url, headers, body: await text(incoming)}
    panel.requests.push(request)
    const route = panel.routes[`${method} ${url.split('?')[0]}`] ?? (method === 'GET' ? page : notFound)
    const given = typeof route === 'function' ? route(request) : route
    outgoing.writeHead(given.status ?? 200, headersOf(given))
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

  const panel: KomariServer = {
    get url() {
      return `${protocol}://127.0.0.1:${port}`
    },
    get port() {
      return port
    },
    get environment() {
      return {KOMARI_URL: `${protocol}://127.0.0.1:${port}`}
    },
    requests: [],
    handshakes: [],
    routes,
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

/** A node as 1.4.3 gives it to a guest (contracts/komari.md 1.7). */
export function node(fields: Readonly<Record<string, unknown>> = {}) {
  return {
    uuid: '26a0fc67-bd2d-43fe-932a-0795deee5412',
    name: 'web1',
    cpu_name: 'AMD EPYC 7763',
    virtualization: 'kvm',
    arch: 'amd64',
    cpu_cores: 2,
    cpu_physical_cores: 1,
    os: 'Debian GNU/Linux 13 (trixie)',
    kernel_version: '6.12.0',
    gpu_name: 'None',
    region: 'HK',
    mem_total: 2_147_483_648,
    swap_total: 0,
    disk_total: 42_949_672_960,
    weight: 0,
    price: 5,
    billing_cycle: 30,
    auto_renewal: false,
    currency: '$',
    expired_at: '2026-12-01T12:00:00Z',
    group: 'Production',
    tags: 'edge;hk',
    hidden: false,
    traffic_limit: 0,
    traffic_limit_type: 'max',
    created_at: '2026-11-01T00:00:00Z',
    updated_at: '2026-11-02T00:00:00.123456789Z',
    ...fields,
  }
}

/** What an agent reports, as the live feed has it. */
export function report(fields: Readonly<Record<string, unknown>> = {}) {
  return {
    cpu: {usage: 12.5},
    ram: {total: 2_147_483_648, used: 1_073_741_824},
    swap: {total: 0, used: 0},
    load: {load1: 0.42, load5: 0.4, load15: 0.36},
    disk: {total: 42_949_672_960, used: 4_294_967_296},
    network: {up: 2048, down: 1_048_576, totalUp: 903_260_419_567, totalDown: 106_394_222_079},
    connections: {tcp: 42, udp: 4},
    uptime: 1_728_054,
    process: 112,
    message: '',
    updated_at: '2026-11-21T11:59:58.5Z',
    ...fields,
  }
}

export const otherUuid = '99ed6983-2546-49ed-878c-9cbe6ab86b84'

/** A frame of the feed: these nodes online, and these reports. */
export function frame(online: readonly string[], data: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({data: {online, data}, status: 'success'})}\n`
}

/** A panel with these nodes, all of them online and reporting. */
export async function nodesServer(
  nodes: readonly {uuid: string; name: string}[] = [node()],
  protocol: 'http' | 'https' = 'http',
): Promise<KomariServer> {
  const server = await komariServer({'GET /api/nodes': success(nodes)}, protocol)
  const uuids = nodes.map(({uuid}) => uuid)
  server.feed = question =>
    question === 'get'
      ? frame(uuids, Object.fromEntries(uuids.map(uuid => [uuid, report()])))
      : '{"error":"Invalid message","status":"error"}\n'
  return server
}
