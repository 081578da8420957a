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

/** What fails, and when. */
export interface Planned {
  readonly way: Way
  readonly fault: NetworkFault | undefined
  /** The index of the first request that meets it, WebSockets included; so do all that follow. */
  readonly from: number
  /** What has no end comes as fast as it is taken, and not in small pieces. */
  readonly isFlooded: boolean
}

export interface FailingNetwork {
  /** What a client is told is the panel. */
  readonly address: string
  readonly arrived: readonly Arrived[]
  /** The most heads of requests that came over one connection, a second one behind a body among them. */
  heads(): number
  /** How often the fault happened. */
  hits(): number
  /** Connections, or tunnels that were asked for. */
  asked(): number
  /** What was said to somebody else than the panel: each request whole, with its headers. */
  readonly strayed: readonly string[]
  /** The most that was taken of what has no end by one connection, in bytes, and in the place of what. */
  taken(): Readonly<Record<Part, number>>
  close(): void
}

/** What a client may wait for. */
export type Part = 'tunnel' | 'handshake' | 'frames' | 'answer'

const largestRequest = 65_536

/** More than anybody takes: whoever has taken all of it would take more. */
const flood = 512 * 1024 * 1024

/** Bytes every few milliseconds, which leave this process its time. */
function drip(socket: Duplex, bytes: string | Buffer): void {
  const timer = setInterval(() => {
    for (let times = 0; times < (bytes.length > 10_000 ? 1 : 16); times++) socket.write(bytes)
  }, 5)
  socket.once('close', () => clearInterval(timer))
}

/** Bytes as fast as they are taken. */
function pour(socket: Duplex, bytes: string | Buffer, count: (taken: number) => void): void {
  const many = Buffer.concat(Array(Math.ceil(65_536 / bytes.length)).fill(Buffer.from(bytes)))
  let written = 0
  function more(failure?: Error | null) {
    if (failure) return
    count(written)
    if (written >= flood) socket.end()
    else socket.write(many, more)
    written += many.length
  }
  more()
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
export async function failingNetwork(
  panel: string,
  {way, from, fault: planned, isFlooded}: Planned,
): Promise<FailingNetwork> {
  const open = new Set<Duplex>()
  const strayed: string[] = []
  const arrived: Arrived[] = []
  const taken: Record<Part, number> = {tunnel: 0, handshake: 0, frames: 0, answer: 0}
  let [asked, hits, heads] = [0, 0, 0]
  let isOver = false
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

  async function happen(
    fault: NetworkFault,
    socket: Duplex,
    part: Part,
    path: string,
    answer: Place['answer'] = () => Promise.reject(new Error('there is no answer of a panel')),
  ): Promise<void> {
    hits++
    if (typeof fault.happens === 'string') return
    try {
      await fault.happens({
        write: bytes => void socket.write(bytes),
        end: bytes => void socket.end(bytes),
        reset: () => reset(socket),
        pour: bytes =>
          isFlooded
            ? pour(socket, bytes, count => {
                taken[part] = Math.max(taken[part], count)
              })
            : drip(socket, bytes),
        answer,
        self: new URL(path, address),
        elsewhere,
      })
    } catch (error) {
      // Of two requests at a time one may still be on its way to a panel that is closed once its run is over.
      if (!isOver) throw error
    }
  }

  async function forwarded({method, url, headers}: IncomingMessage, body: Buffer) {
    const {connection: _, 'proxy-connection': __, ...others} = headers
    const target = new URL(new URL(url ?? '', panel).href.replace(/^https?:\/\/[^/]+/, panel))
    const request = http.request(target, {method, headers: others, agent: false})
    request.end(body)
    const [answer] = (await once(request, 'response')) as [IncomingMessage]
    const {statusCode: status = 502, headers: given} = answer
    const {'content-type': type = '', date = ''} = given
    return {status, type, date, given, body: await buffer(answer)}
  }

  function arrive(request: IncomingMessage, socket: Duplex, body: Buffer): boolean {
    const {method = '', url = '', headers} = request
    const path = url.replace(/^https?:\/\/[^/]+/, '')
    // Of a frame's fault the handshake is the panel's, and there is no other wrapping for that.
    const upgrades = 'upgrade' in headers
    const isNone = planned?.frames || (planned?.harmless && upgrades)
    const fault = faulty.has(socket) && !isNone ? planned : undefined
    arrived.push({method, path, body: body.toString(), hit: fault !== undefined, upgrades})
    if (fault === undefined) return false
    void happen(fault, socket, upgrades ? 'handshake' : 'answer', path, () => forwarded(request, body))
    return true
  }

  const server = http.createServer({maxHeaderSize: 1 << 20}, async (request, response: ServerResponse) => {
    try {
      const body = await buffer(request)
      if (arrive(request, request.socket, body)) return
      const {status, given, body: answer} = await forwarded(request, body)
      response.writeHead(status, {...given, connection: 'close'}).end(answer)
    } catch {
      response.destroy()
    }
  })
  server.on('upgrade', async (request: IncomingMessage, socket: Duplex) => {
    const fault = faulty.has(socket) ? planned : undefined
    if (arrive(request, socket, Buffer.alloc(0))) return
    const upstream = kept(connect(Number(new URL(panel).port), '127.0.0.1'))
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
      void happen(fault, socket, 'frames', request.url ?? '')
      return
    }
    upstream.pipe(socket)
    upstream.once('close', () => socket.destroy())
  })

  /** One request comes over each connection. */
  function accept(socket: Duplex): void {
    kept(socket)
    const index = asked++
    const fault = index >= from ? planned : undefined
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
  secured.on('connection', kept)
  const securedPort = await listening(secured)
  const address = way === 'tunnel' ? `https://127.0.0.1:${securedPort}` : `http://127.0.0.1:${port}`

  doors.set(securedPort, client => {
    if (!planned?.name.startsWith('CONNECT')) return false
    asked++
    if (planned.happens === 'unread') {
      hits++
      client.destroy()
    } else void happen(planned, kept(client), 'tunnel', '/')
    return true
  })
  return {
    address,
    arrived,
    strayed,
    heads: () => heads,
    hits: () => hits,
    asked: () => asked,
    taken: () => taken,
    close: () => {
      isOver = true
      doors.delete(securedPort)
      for (const socket of open) socket.destroy()
      for (const one of [front, server, secured, other]) one.close()
    },
  }
}

/** Whether a network that fails answers itself who asks a proxy for a tunnel to it; by its port. */
const doors = new Map<number, (client: Duplex) => boolean>()

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
      if (method === 'CONNECT' && doors.get(Number(port))?.(client)) return
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
