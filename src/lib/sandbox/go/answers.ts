import type {Answer, SandboxRequest} from '../answer.js'
import {escapedHtml} from '../html.js'
import type {Router} from '../router.js'
import {firstHeader} from './headers.js'
import type {Target} from './query.js'

// Answers as gin and Go's own server send them.

/** Above this many bytes Go's server no longer knows the length when it sends the headers. */
const bufferedByGo = 2048

/** JSON: no newline at the end, chunked when it is long (contracts/nezha.md 1.1, contracts/komari.md 0.1). */
export function json(status: number, body: string | Buffer): Answer {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  return {
    status,
    headers: {'Content-Type': 'application/json; charset=utf-8'},
    body: bytes,
    chunked: bytes.length > bufferedByGo,
  }
}

export function text(status: number, body: string): Answer {
  return {status, headers: {'Content-Type': 'text/plain; charset=utf-8'}, body}
}

/** To a target that is none, before any route. */
export const invalidTarget = text(400, '400 Bad Request')

const moved = {301: 'Moved Permanently', 302: 'Found', 307: 'Temporary Redirect'}

/** A link for a GET, nothing for the rest. */
export function redirect(status: keyof typeof moved, location: string, method: string): Answer {
  if (method !== 'GET') return {status, headers: {Location: location}}
  return {
    status,
    headers: {'Content-Type': 'text/html; charset=utf-8', Location: location},
    body: `<a href="${escapedHtml(location)}">${moved[status]}</a>.\n\n`,
  }
}

/**
 * To the same path without the slash that is one too many, or with the one that is missing, where there is a route:
 * before any check (contracts/nezha.md 1.1, contracts/komari.md 0.6). 301 for GET, 307 for the rest.
 */
export function slashRedirect<Handle>(
  {method, rawHeaders}: SandboxRequest,
  {path, rawQuery}: Target,
  router: Router<Handle>,
): Answer | undefined {
  const other = path.endsWith('/') ? path.slice(0, -1) : `${path}/`
  if (!router.find(method, other)) return undefined
  const prefix = firstHeader(rawHeaders, 'x-forwarded-prefix').replaceAll(/[^a-zA-Z0-9/-]/g, '')
  const location = encodeURI(`/${prefix}/${other}`.replaceAll(/\/{2,}/g, '/'))
  return redirect(
    method === 'GET' ? 301 : 307,
    rawQuery === '' ? location : `${location}?${rawQuery}`,
    method,
  )
}
