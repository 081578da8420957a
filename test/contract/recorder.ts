import {once} from 'node:events'
import http, {type IncomingMessage, type ServerResponse} from 'node:http'
import https from 'node:https'
import type {AddressInfo} from 'node:net'

/** One request and its answer, in the form of the files in test/fixtures. */
export interface Recording {
  readonly id: string
  readonly request: {
    readonly method: string
    readonly path: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: string | null
  }
  readonly response: {
    readonly status: number
    readonly content_type: string | null
    readonly headers: Readonly<Record<string, string>>
    readonly raw: string
  }
}

export interface Recorder {
  /** Where the panel is to be asked instead. */
  readonly url: string
  readonly port: number
  /** What passed so far, oldest first. */
  readonly recordings: Recording[]
  /** What the next recordings are called. */
  label: string
  close(): Promise<void>
}

// What the panel looks at or says; proxies on the way to a real one add headers that are nobody's business.
const telling = /^(accept|authorization|content-type|cookie|location|retry-after|www-authenticate)$/

function recorded(headers: IncomingMessage['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => telling.test(name))
      .map(([name, value]) => [name, [value].flat().join(', ')])
      .sort(([one = ''], [other = '']) => (one < other ? -1 : 1)),
  )
}

async function read(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** A reverse proxy on loopback that passes everything on as it is and writes down what it saw. */
export async function startRecorder(panelUrl: string): Promise<Recorder> {
  const panel = new URL(panelUrl)
  const {request: connect} = panel.protocol === 'https:' ? https : http
  const recordings: Recording[] = []

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await read(incoming)
    const {method = '', url: path = ''} = incoming
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = {
        method,
        path: `${panel.pathname.replace(/\/$/, '')}${path}`,
        // Bodies are recorded as they are.
        headers: {...incoming.headers, host: panel.host, 'accept-encoding': 'identity'},
      }
      connect(panel, options, resolve).on('error', reject).end(body)
    })
    const raw = await read(answer)
    const number = String(recordings.length + 1).padStart(3, '0')
    const {statusCode: status = 0} = answer
    recordings.push({
      id: `${number}-${recorder.label}`,
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

  const server = http.createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const {port} = server.address() as AddressInfo
  const recorder: Recorder = {
    url: `http://127.0.0.1:${port}`,
    port,
    recordings,
    label: '',
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return recorder
}
