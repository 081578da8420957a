import type {Answer} from '../answer.js'

/** Above this many bytes Go's server no longer knows the length when it sends the headers. */
const bufferedByGo = 2048

/** A JSON answer as gin sends it: no newline at the end, chunked when it is long (contracts/nezha.md 1.1, contracts/komari.md 0.1). */
export function json(status: number, body: string | Buffer): Answer {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  return {
    status,
    headers: {'Content-Type': 'application/json; charset=utf-8'},
    body: bytes,
    chunked: bytes.length > bufferedByGo,
  }
}
