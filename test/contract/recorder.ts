import {once} from 'node:events'
import http, {type IncomingMessage, type ServerResponse} from 'node:http'
import https from 'node:https'
import type {AddressInfo} from 'node:net'
import type {Duplex} from 'node:stream'
import {WebSocket, WebSocketServer} from 'ws'
import type {HttpRecording, RecordedFrame, Recording} from '../recordings.js'

export interface Recorder {
  /** Where the panel is to be asked instead. */
  readonly url: string
  readonly port: number
  /** What passed so far, oldest first. */
  readonly recordings: Recording[]
  /** Those over HTTP. */
  readonly exchanges: readonly HttpRecording[]
  /** What the next recordings are called. */
  label: string
  close(): Promise<void>
}

// What the panel looks at or says; proxies on the way to a real one add headers that are nobody's business.
const telling =
  /^(accept|authorization|content-type|cookie|location|origin|retry-after|set-cookie|www-authenticate|x-csrf-token)$/

function recorded(headers: IncomingMessage['headers']): Record<string, string> {
  const {location, 'set-cookie': cookies} = headers
  // The panel's own redirect is known by them; their values are secrets.
  const names = location === undefined ? undefined : cookies?.map(cookie => cookie.replace(/=.*/s, '='))
  return Object.fromEntries(
    Object.entries({...headers, 'set-cookie': names})
      .filter(([name, value]) => telling.test(name) && value !== undefined)
      .map(([name, value]) => [name, [value].flat().join(', ')])
      .sort(([one = ''], [other = '']) => (one < other ? -1 : 1)),
  )
}

async function read(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** A reverse proxy on loopback that passes everything on as it is, WebSockets too, and writes down what it saw. */
export async function startRecorder(panelUrl: string): Promise<Recorder> {
  const panel = new URL(panelUrl)
  const {request: connect} = panel.protocol === 'https:' ? https : http
  const recordings: Recording[] = []
  const webSockets = new WebSocketServer({noServer: true, perMessageDeflate: false})

  const pathAt = (path: string) => `${panel.pathname.replace(/\/$/, '')}${path}`
  const nextId = () => `${String(recordings.length + 1).padStart(3, '0')}-${recorder.label}`

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await read(incoming)
    const {method = '', url: path = ''} = incoming
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = {
        method,
        path: pathAt(path),
        // Bodies are recorded as they are.
        headers: {...incoming.headers, host: panel.host, 'accept-encoding': 'identity'},
      }
      connect(panel, options, resolve).on('error', reject).end(body)
    })
    const raw = await read(answer)
    const {statusCode: status = 0} = answer
    recordings.push({
      id: nextId(),
      request: {
        method,
        path,
        headers: recorded(incoming.headers),
        body: body.length === 0 ? null : body.toString(),
      },
      response: {
        status,
        content_type: answer.headers['content-type'] ?? null,
        headers: recorded(answer.headers),
        raw: raw.toString(),
      },
    })
    outgoing.writeHead(status, answer.rawHeaders)
    outgoing.end(raw)
  }

  /** A WebSocket from here to the panel, and only if that one opens one to the client. */
  function passUpgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    const {url: path = ''} = incoming
    const {authorization, cookie, origin} = incoming.headers
    // To the client this is the panel, so that its own origin is the panel's.
    const own = origin === recorder.url
    const address = new URL(panel)
    address.protocol = panel.protocol === 'https:' ? 'wss:' : 'ws:'
    const upstream = new WebSocket(`${address.origin}${pathAt(path)}`, {
      headers: {...(authorization && {authorization}), ...(cookie && {cookie})},
      ...(origin !== undefined && {origin: own ? panel.origin : origin}),
      perMessageDeflate: false,
    })
    const websocket = {
      path,
      headers: recorded({authorization, cookie, origin: own ? 'http://panel' : origin}),
    }
    socket.on('error', () => {})
    upstream.on('error', () => socket.destroy())
    upstream.on('unexpected-response', async (_, answer) => {
      const body = await read(answer)
      const {statusCode: status = 0} = answer
      const handshake = {status, headers: recorded(answer.headers), body: body.toString()}
      recordings.push({id: nextId(), websocket, handshake, frames: []})
      const type = answer.headers['content-type']
      const lines = [
        `HTTP/1.1 ${status} ${answer.statusMessage}`,
        ...(type ? [`Content-Type: ${type}`] : []),
        `Content-Length: ${body.length}`,
        'Connection: close',
        '',
        '',
      ]
      socket.end(Buffer.concat([Buffer.from(lines.join('\r\n')), body]))
    })
    upstream.on('open', () => {
      const frames: RecordedFrame[] = []
      recordings.push({id: nextId(), websocket, handshake: {status: 101, headers: {}}, frames})
      webSockets.handleUpgrade(incoming, socket, head, client => {
        client.on('message', data => {
          frames.push({send: data.toString()})
          upstream.send(data.toString())
        })
        upstream.on('message', data => {
          frames.push({recv: data.toString()})
          client.send(data.toString())
        })
        client.on('error', () => {})
        client.on('close', () => upstream.terminate())
        upstream.on('close', () => client.terminate())
      })
    })
  }

  const server = http.createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy())
  })
  server.on('upgrade', passUpgrade)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const {port} = server.address() as AddressInfo
  const recorder: Recorder = {
    url: `http://127.0.0.1:${port}`,
    port,
    recordings,
    get exchanges() {
      return recordings.filter(recording => 'request' in recording)
    },
    label: '',
    close: () =>
      new Promise(resolve => {
        for (const client of webSockets.clients) client.terminate()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return recorder
}
