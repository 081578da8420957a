import type {ServerResponse} from 'node:http'
import {
  type Answer,
  bodyBytes,
  type Handler,
  type SandboxRequest,
  send,
  sendHead,
} from '../src/lib/sandbox/answer.js'

/**
 * What can go wrong between a client and a panel. The panel does not see the request of a fault
 * unless it says so below.
 */
export type Fault =
  /** Another status, from the panel or from a proxy before it. */
  | {
      readonly kind: 'status'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
      readonly contentType?: string
    }
  /** The connection is reset after the whole request was read; the panel never saw it. */
  | {readonly kind: 'reset'}
  /** The panel does the work, and the connection is reset before a single byte of its answer. */
  | {readonly kind: 'reset-before-answer-headers'}
  /** The panel does the work; the connection ends after half of the announced body. */
  | {readonly kind: 'half-body'}
  /** Never answered. */
  | {readonly kind: 'stall'}
  /** The panel does the work; its headers arrive, its body never does. */
  | {readonly kind: 'stall-body'}
  /** The panel does the work; its body arrives in pieces (20 of them, 20 ms apart). */
  | {readonly kind: 'slow-body'; readonly pieces?: number; readonly intervalMs?: number}
  /** A login page of a proxy, with status 200. */
  | {readonly kind: 'html-200'; readonly body?: string}
  /** A not-found page of a proxy. */
  | {readonly kind: 'html-404'; readonly body?: string}
  /** Status 200, JSON by its content type, no body. */
  | {readonly kind: 'empty-200'}
  /** The panel does the work; its JSON ends in the middle, with a length that fits. */
  | {readonly kind: 'cut-json'}
  /**
   * The panel does the work; the values in its JSON get other types. By default those below the
   * envelope: numbers become strings, strings and nulls numbers, booleans and empty lists strings.
   */
  | {readonly kind: 'wrong-types'; readonly change?: (json: unknown) => unknown}
  /** Somewhere else, 302 unless told. */
  | {readonly kind: 'redirect'; readonly to: string; readonly status?: number}

export interface Matching {
  /** How many requests it hits: 1 unless told; `Infinity` until cleared. */
  readonly times?: number
  /** A path without its query, or an expression for path and query. Every request unless told. */
  readonly path?: string | RegExp
  readonly method?: string
  /** Only when a write has come. */
  readonly afterWrite?: true
}

interface Planned {
  readonly fault: Fault
  readonly matching: Matching
  left: number
}

const html = {'Content-Type': 'text/html; charset=utf-8'}
const loginPage =
  '<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><form>Sign in to go on</form></body></html>\n'
const notFoundPage =
  '<html>\n<head><title>404 Not Found</title></head>\n<body><h1>404 Not Found</h1></body>\n</html>\n'

/** The faults that wait for their request: first planned, first applied. */
export class Faults {
  #planned: Planned[] = []
  #hasWritten = false

  /** The next request (or `times`) that matches gets this fault. */
  next(fault: Fault, matching: Matching = {}): void {
    this.#planned.push({fault, matching, left: matching.times ?? 1})
  }

  /** Forgets every fault that was not used. */
  clear(): void {
    this.#planned = []
  }

  /** How many requests still have a fault waiting. */
  get pending(): number {
    return this.#planned.reduce((sum, planned) => sum + planned.left, 0)
  }

  /** Answers a request the wrong way, when a fault waits for it. */
  request(request: SandboxRequest, handler: Handler, response: ServerResponse): boolean {
    const fault = this.#take(request)
    this.#hasWritten ||= request.method !== 'GET'
    if (fault) apply(fault, request, handler, response)
    return fault !== undefined
  }

  /** The fault for this request, used up once. */
  #take(request: SandboxRequest): Fault | undefined {
    const planned = this.#planned.find(
      ({matching}) => matches(matching, request) && (this.#hasWritten || !matching.afterWrite),
    )
    if (!planned) return undefined
    planned.left--
    if (planned.left <= 0) this.#planned.splice(this.#planned.indexOf(planned), 1)
    return planned.fault
  }
}

function apply(fault: Fault, request: SandboxRequest, handler: Handler, response: ServerResponse): void {
  switch (fault.kind) {
    case 'reset':
      reset(response)
      break
    case 'stall':
      break
    case 'status':
    case 'html-200':
    case 'html-404':
    case 'empty-200':
    case 'redirect':
      send(response, replacement(fault))
      break
    case 'reset-before-answer-headers':
      handler(request)
      reset(response)
      break
    default: {
      const answer = handler(request)
      if (answer !== 'stall') spoil(fault, answer, response)
    }
  }
}

type Replacing = Extract<Fault, {kind: 'status' | 'html-200' | 'html-404' | 'empty-200' | 'redirect'}>

function replacement(fault: Replacing): Answer {
  switch (fault.kind) {
    case 'status': {
      const {status, contentType = 'text/plain; charset=utf-8', headers, body = `${status}\n`} = fault
      return {status, headers: {'Content-Type': contentType, ...headers}, body}
    }
    case 'html-200':
      return {status: 200, headers: html, body: fault.body ?? loginPage}
    case 'html-404':
      return {status: 404, headers: html, body: fault.body ?? notFoundPage}
    case 'empty-200':
      return {status: 200, headers: {'Content-Type': 'application/json; charset=utf-8'}}
    case 'redirect':
      return {status: fault.status ?? 302, headers: {Location: fault.to}}
  }
}

type Spoiling = Extract<Fault, {kind: 'half-body' | 'stall-body' | 'slow-body' | 'cut-json' | 'wrong-types'}>

function spoil(fault: Spoiling, answer: Answer, response: ServerResponse): void {
  // The length is announced, so that a client can tell that something is missing.
  const whole: Answer = {...answer, chunked: false}
  switch (fault.kind) {
    case 'half-body': {
      const body = sendHead(response, whole)
      response.write(body.subarray(0, Math.ceil(body.length / 2)), () => response.socket?.destroy())
      break
    }
    case 'stall-body':
      sendHead(response, whole)
      response.flushHeaders()
      break
    case 'slow-body':
      trickle(response, sendHead(response, whole), fault.pieces ?? 20, fault.intervalMs ?? 20)
      break
    case 'cut-json': {
      const body = bodyBytes(answer)
      send(response, {...whole, body: body.subarray(0, Math.floor(body.length * 0.6))})
      break
    }
    case 'wrong-types': {
      const json: unknown = JSON.parse(bodyBytes(answer).toString())
      send(response, {...whole, body: JSON.stringify((fault.change ?? changeTypes)(json))})
    }
  }
}

function matches({path, method}: Matching, request: SandboxRequest): boolean {
  if (method !== undefined && method !== request.method) return false
  if (path === undefined) return true
  return typeof path === 'string' ? request.path.split('?')[0] === path : path.test(request.path)
}

function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy()
}

function trickle(response: ServerResponse, body: Buffer, pieces: number, intervalMs: number): void {
  const size = Math.max(1, Math.ceil(body.length / pieces))
  let sent = 0
  const timer = setInterval(() => {
    response.write(body.subarray(sent, sent + size))
    sent += size
    if (sent < body.length) return
    clearInterval(timer)
    response.end()
  }, intervalMs)
  response.once('close', () => clearInterval(timer))
}

function changeTypes(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return changeType(json)
  if (Array.isArray(json)) return json.map(changeType)
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [key, typeof value === 'object' ? changeType(value) : value]),
  )
}

function changeType(value: unknown): unknown {
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return value.length
  if (Array.isArray(value)) return value.length > 0 ? value.map(changeType) : 'none'
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, changeType(inner)]))
  }
  return value === null ? 0 : String(value)
}
