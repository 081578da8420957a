import type {IncomingHttpHeaders, ServerResponse} from 'node:http'

/** One request as it arrived, the whole body read. */
export interface SandboxRequest {
  readonly method: string
  /** The request target as it was sent: path and query, undecoded. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Names and values in turn, as sent, repeated headers included. */
  readonly rawHeaders: readonly string[]
  readonly body: string
  readonly bytes: Buffer
  readonly remoteAddress: string
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: string | Buffer
  /** Sent without a Content-Length. */
  readonly chunked?: boolean
  /** How long the panel takes for it; what it did is done by then. At once unless given. */
  readonly afterMs?: number
}

/** What a panel says to a request; `'stall'` when it never answers. */
export type Handler = (request: SandboxRequest) => Answer | 'stall'

/** Writes status line and headers, with the length unless the answer is chunked; gives the body to send. */
export function sendHead(response: ServerResponse, answer: Answer): Buffer {
  const body = bodyBytes(answer)
  response.writeHead(answer.status, {...answer.headers, ...framing(response, answer, body.length)})
  return body
}

function framing(response: ServerResponse, answer: Answer, length: number): Record<string, string> {
  // Go announces nothing about the body it leaves off.
  if (response.req.method === 'HEAD') return {}
  return answer.chunked ? {'Transfer-Encoding': 'chunked'} : {'Content-Length': String(length)}
}

/** Sends a whole answer, or nothing at all. */
export function send(response: ServerResponse, answer: Answer | 'stall'): void {
  if (answer === 'stall') return
  const {afterMs = 0} = answer
  if (afterMs === 0) {
    response.end(sendHead(response, answer))
    return
  }
  const timer = setTimeout(() => response.end(sendHead(response, answer)), afterMs)
  // Of a client that did not wait, or a sandbox that is closed.
  response.once('close', () => clearTimeout(timer))
}

/** The body as it goes over the wire. */
export function bodyBytes({body = ''}: Answer): Buffer {
  return typeof body === 'string' ? Buffer.from(body) : body
}
