import type {IncomingHttpHeaders} from 'node:http'
import {clockOf, headerDate} from './clock.js'

/** The longest `Retry-After` that is waited for, in milliseconds; a longer one fails at once and names the time. */
export const LONGEST_RETRY_AFTER = 30_000

/** Timeouts, too many requests, and every 5xx: a proxy or a CDN has more of them than the panel. */
export const retryStatuses = [408, 429, ...Array.from({length: 100}, (_, index) => 500 + index)]

/** The code of a proxy that refused a tunnel with one of them. */
export const TUNNEL_BUSY = 'ERR_TUNNEL_BUSY'

const retryErrorCodes = [
  TUNNEL_BUSY,
  'ETIMEDOUT',
  'ECONNRESET',
  'ECONNREFUSED',
  'EADDRINUSE',
  'EPIPE',
  'ENOTFOUND',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EAI_AGAIN',
  'ERR_HTTP_CONTENT_LENGTH_MISMATCH',
  'HPE_INVALID_CONSTANT',
]

/**
 * Milliseconds that a `Retry-After` header asks for, as a number of seconds or a date; undefined where there is none. A date is one of
 * the clock of who said it.
 */
export function retryAfter(headers: IncomingHttpHeaders): number | undefined {
  const {'retry-after': header = ''} = headers
  // A day has 86,400; a server that says more digits says nothing.
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000
  const date = headerDate(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - (clockOf(headers)?.getTime() ?? Date.now()))
}

/**
 * Milliseconds to wait before attempt number `attempt + 1`: 0.25 s doubling up to 8 s, with jitter so that
 * a fleet of cron jobs does not come back in step; at least what the server asked for.
 */
export function retryDelay(attempt: number, asked = 0, random = Math.random): number {
  const backoff = Math.min(250 * 2 ** (attempt - 1), 8000) * (0.5 + random() / 2)
  return Math.max(1, Math.round(backoff), asked)
}

interface Attempt {
  readonly attemptCount: number
  readonly error: {readonly response?: {readonly headers: IncomingHttpHeaders} | undefined}
}

/** What got is told of it: for the statuses and errors above only, after a wait that is ours. */
export const retryRules = {
  statusCodes: retryStatuses,
  errorCodes: retryErrorCodes,
  // got reads a date by our clock: what is too long is found below.
  maxRetryAfter: Number.POSITIVE_INFINITY,
  enforceRetryRules: true,
  calculateDelay({attemptCount, error: {response}}: Attempt): number {
    const asked = response && retryAfter(response.headers)
    return asked !== undefined && asked > LONGEST_RETRY_AFTER ? 0 : retryDelay(attemptCount, asked)
  },
}
