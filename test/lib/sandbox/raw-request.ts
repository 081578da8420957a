import {connect} from 'node:net'

export interface RawAnswer {
  readonly status: number
  /** By lower-case name; of repeated headers the last. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** What came in one piece with the headers cut off, still in chunks. */
  readonly wire: string
}

export interface RawRequest {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: Buffer | string | null
}

/**
 * One request over a socket, written byte by byte: clients refuse or repair half of what has to be
 * sent here (doubled slashes, dots, raw UTF-8, two Authorization headers).
 */
export async function rawRequest(port: number, request: RawRequest): Promise<RawAnswer> {
  const {method = 'GET', path, headers = {}, body = null} = request
  const bytes = Buffer.from(body ?? '')
  const lines = [`${method} ${path} HTTP/1.1`]
  const names = Object.keys(headers).map(name => name.toLowerCase())
  if (!names.includes('host')) lines.push(`Host: 127.0.0.1:${port}`)
  for (const [name, value] of Object.entries(headers)) {
    for (const one of [value].flat()) lines.push(`${name}: ${one}`)
  }
  const chunked = names.includes('transfer-encoding')
  if (body !== null && !chunked) lines.push(`Content-Length: ${bytes.length}`)
  lines.push('Connection: close', '', '')
  const payload = chunked
    ? Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n0\r\n\r\n')])
    : bytes
  const socket = connect(port, '127.0.0.1')
  // Not ended: a server takes a closed half for a client that hung up.
  socket.write(Buffer.concat([Buffer.from(lines.join('\r\n')), payload]))
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return parse(Buffer.concat(chunks))
}

function parse(answer: Buffer): RawAnswer {
  const end = answer.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = answer.subarray(0, end).toString('latin1').split('\r\n')
  const headers = Object.fromEntries(
    lines.map(line => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  )
  const wire = answer.subarray(end + 4)
  const body = headers['transfer-encoding'] === 'chunked' ? unchunk(wire) : wire
  return {
    status: Number(statusLine.split(' ')[1]),
    headers,
    body: body.toString('utf8'),
    wire: wire.toString('utf8'),
  }
}

function unchunk(wire: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let start = 0; ; ) {
    const lineEnd = wire.indexOf('\r\n', start)
    const size = Number.parseInt(wire.subarray(start, lineEnd).toString('latin1'), 16)
    if (!(size > 0)) return Buffer.concat(parts)
    parts.push(wire.subarray(lineEnd + 2, lineEnd + 2 + size))
    start = lineEnd + 2 + size + 2
  }
}
