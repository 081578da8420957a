import {once} from 'node:events'
import {readFileSync} from 'node:fs'
import http, {type IncomingMessage, type ServerResponse} from 'node:http'
import {type AddressInfo, connect, createServer, Socket} from 'node:net'
import type {Duplex} from 'node:stream'
import {buffer} from 'node:stream/consumers'
import tls from 'node:tls'
import {tlsFixtures} from '../process/serve.js'
import type {NetworkFault, Place} from './network-faults.js'

/** A request that arrived whole. */
export interface Arrived {
  readonly method: string
  readonly path: string
  readonly body: string
  /** It met the fault. */
  readonly hit: boolean
  /** It asks for a WebSocket. */
  readonly upgrades: boolean
}

/** How a client gets to the panel. */
export const ways = ['direct', 'proxy', 'tunnel'] as const
export type Way = (typeof ways)[number]

export interface FailingNetwork {
  /** What a client is told is the panel. */
  address(way: Way): string
  /** From the request of this index on (WebSockets included), the fault; forgets what was. */
  plan(way: Way, from: number, fault?: NetworkFault): void
  readonly arrived: readonly Arrived[]
  /** The most heads of requests that came over one connection, a second one behind a body among them. */
  heads(): number
  /** How often the fault happened. */
  hits(): number
  /** Connections, or tunnels that were asked for. */
  asked(): number
  /** What was said to somebody else than the panel: each request whole, with its headers. */
  readonly strayed: readonly string[]
  /** The most that one connection took of what has no end, in bytes. */
  poured(): number
  close(): void
}

const largestRequest = 65_536

/** Bytes every few milliseconds: fast enough to fill memory, and slow enough to leave this process its time. */
function pour(socket: Duplex, bytes: string | Buffer, count: (written: number) => void): void {
  let written = 0
  const timer = setInterval(() => {
    for (let times = 0; times < (bytes.length > 10_000 ? 1 : 16); times++) {
      socket.write(bytes)
      written += bytes.length
    }
    count(written)
  }, 5)
  socket.once('close', () => clearInterval(timer))
}

/** TLS has no handle of its own to reset. */
function reset(socket: Duplex): void {
  if (socket instanceof Socket && !(socket instanceof tls.TLSSocket)) socket.resetAndDestroy()
  else socket.destroy()
}

async function listening(server: ReturnType<typeof createServer> | http.Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** A panel behind a network that fails as planned, reached straight, through a proxy, and through its tunnels. */
export async function failingNetwork(panel: () => string): Promise<FailingNetwork> {
  const open = new Set<Duplex>()
  const strayed: string[] = []
  let [arrived, asked, hits, poured, heads]: [Arrived[], number, number, number, number] = [[], 0, 0, 0, 0]
  let planned:
    | {readonly way: Way; readonly from: number; readonly fault: NetworkFault | undefined}
    | undefined
  const faulty = new WeakSet<Duplex>()

  function kept<S extends Duplex>(socket: S): S {
    open.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => open.delete(socket))
    return socket
  }

  const other = http.createServer(async (request, response) => {
    strayed.push(`${request.url} ${request.rawHeaders.join(' ')} ${await buffer(request)}`)
    response.end('{}')
  })
  other.on('connection', kept)
  const elsewhere = new URL(`http://127.0.0.1:${await listening(other)}/`)

  function happen(fault: NetworkFault, socket: Duplex, path: string, answer: Place['answer']): void {
    hits++
    if (typeof fault.happens === 'string') return
    void fault.happens({
      write: bytes => void socket.write(bytes),
      end: bytes => void socket.end(bytes),
      reset: () => reset(socket),
      pour: bytes => pour(socket, bytes, written => (poured = Math.max(poured, written))),
      answer,
      self: new URL(path, address(planned?.way ?? 'direct')),
      elsewhere,
    })
  }

  async function forwarded({method, url, headers}: IncomingMessage, body: Buffer) {
    const {connection: _, 'proxy-connection': __, ...others} = headers
    const target = new URL(new URL(url ?? '', panel()).href.replace(/^https?:\/\/[^/]+/, panel()))
    const request = http.request(target, {method, headers: others, agent: false})
    request.end(body)
    const [answer] = (await once(request, 'response')) as [IncomingMessage]
    const {statusCode: status = 502, headers: given} = answer
    return {status, type: given['content-type'] ?? '', given, body: await buffer(answer)}
  }

  async function arrive(request: IncomingMessage, socket: Duplex, body: Buffer) {
    const {method = '', url = '', headers} = request
    const path = url.replace(/^https?:\/\/[^/]+/, '')
    // Of a frame's fault the handshake is the panel's, and there is no other wrapping for that.
    const isNone = planned?.fault?.frames || (planned?.fault?.harmless && 'upgrade' in headers)
    const fault = faulty.has(socket) && !isNone ? planned?.fault : undefined
    arrived.push({
      method,
      path,
      body: body.toString(),
      hit: fault !== undefined,
      upgrades: 'upgrade' in headers,
    })
    if (fault === undefined) return false
    happen(fault, socket, path, () => forwarded(request, body))
    return true
  }

  const server = http.createServer({maxHeaderSize: 1 << 20}, async (request, response: ServerResponse) => {
    try {
      const body = await buffer(request)
      if (await arrive(request, request.socket, body)) return
      const {status, given, body: answer} = await forwarded(request, body)
      response.writeHead(status, {...given, connection: 'close'}).end(answer)
    } catch {
      response.destroy()
    }
  })
  server.on('upgrade', async (request: IncomingMessage, socket: Duplex) => {
    const fault = faulty.has(socket) ? planned?.fault : undefined
    if (await arrive(request, socket, Buffer.alloc(0))) return
    const upstream = kept(connect(Number(new URL(panel()).port), '127.0.0.1'))
    const {rawHeaders} = request
    const lines = rawHeaders.flatMap((name, index) =>
      index % 2 ? [] : [`${name}: ${rawHeaders[index + 1]}\r\n`],
    )
    upstream.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines.join('')}\r\n`)
    socket.once('close', () => upstream.destroy())
    socket.pipe(upstream)
    if (fault?.frames) {
      let head = ''
      try {
        for await (const more of upstream.iterator({destroyOnReturn: false})) {
          const end = head.length
          head += more.toString('latin1')
          const whole = head.indexOf('\r\n\r\n') + 4
          if (end < whole || whole === 3)
            socket.write(head.slice(end, whole === 3 ? undefined : whole), 'latin1')
          if (whole > 3 && head.length > whole) break
        }
      } catch {
        // The client has hung up.
        return
      }
      happen(fault, socket, request.url ?? '', () => Promise.reject(new Error('no answer')))
      return
    }
    upstream.pipe(socket)
    upstream.once('close', () => socket.destroy())
  })

  /** One request comes over each connection. */
  function accept(socket: Duplex): void {
    kept(socket)
    const index = asked++
    const fault = planned !== undefined && index >= planned.from ? planned.fault : undefined
    if (fault?.happens === 'unread') {
      hits++
      reset(socket)
      return
    }
    if (fault) faulty.add(socket)
    server.emit('connection', socket)
    // As bytes: what is no whole request, Node's server would not tell of.
    let bytes = ''
    socket.on('data', (more: Buffer) => {
      if (bytes.length < largestRequest) bytes += more.toString('latin1')
      heads = Math.max(heads, bytes.match(/[A-Z]{3,7} \S+ HTTP\/1\.1\r\n/g)?.length ?? 0)
    })
  }

  const front = createServer(accept)
  const port = await listening(front)
  const {certFile, keyFile} = tlsFixtures
  const secured = tls.createServer({cert: readFileSync(certFile), key: readFileSync(keyFile)}, accept)
  const securedPort = await listening(secured)

  function address(way: Way): string {
    return way === 'tunnel' ? `https://127.0.0.1:${securedPort}` : `http://127.0.0.1:${port}`
  }

  const network: FailingNetwork = {
    address,
    plan: (way, from, fault) => {
      planned = {way, from, fault}
      ;[arrived, asked, hits, poured, heads] = [[], 0, 0, 0, 0]
      strayed.length = 0
      // Of the run before.
      for (const socket of open) socket.destroy()
    },
    get arrived() {
      return arrived
    },
    strayed,
    heads: () => heads,
    hits: () => hits,
    asked: () => asked,
    poured: () => poured,
    close: () => {
      for (const socket of open) socket.destroy()
      for (const one of [front, server, secured, other]) one.close()
    },
  }
  doors.set(port, {tunnel: () => undefined})
  doors.set(securedPort, {
    tunnel: client => {
      const fault = planned?.fault
      if (!fault?.name.startsWith('CONNECT')) return undefined
      asked++
      if (fault.happens === 'unread') {
        hits++
        client.destroy()
      } else happen(fault, kept(client), '/', () => Promise.reject(new Error('a proxy has no panel')))
      return fault
    },
  })
  return network
}

/** What a proxy does for the address of a network that fails, by its port. */
const doors = new Map<number, {tunnel(client: Duplex): NetworkFault | undefined}>()

/** A forward proxy for all of those networks: the variables of this process are one for all. */
export async function commonProxy(): Promise<{readonly url: string; close(): void}> {
  const sockets = new Set<Socket>()
  // What asks for an address asks as it asks the panel: the bytes go there as they are.
  const proxy = createServer(client => {
    sockets.add(client)
    client.on('error', () => {})
    client.once('close', () => sockets.delete(client))
    client.once('data', first => {
      client.pause()
      const [, method = '', port = ''] =
        /^(\w+) (?:http:\/\/)?127\.0\.0\.1:(\d+)/.exec(first.toString('latin1')) ?? []
      if (method === 'CONNECT' && doors.get(Number(port))?.tunnel(client)) return
      const upstream = connect(Number(port), '127.0.0.1', () => {
        if (method === 'CONNECT') client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
        else upstream.write(first)
        upstream.pipe(client)
        client.pipe(upstream)
      })
      upstream.on('error', error =>
        'code' in error && error.code === 'ECONNRESET' ? client.resetAndDestroy() : client.destroy(),
      )
      upstream.once('close', () => client.destroy())
      client.once('close', () => upstream.destroy())
    })
  })
  const port = await listening(proxy)
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      for (const socket of sockets) socket.destroy()
      proxy.close()
    },
  }
}
