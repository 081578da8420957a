/** The longest `Retry-After` that is waited for, in milliseconds; a longer one fails at once and names the time. */
export const LONGEST_RETRY_AFTER = 30_000

/** Timeouts, too many requests, and every 5xx: a proxy or a CDN has more of them than the panel. */
export const retryStatuses = [408, 429, ...Array.from({length: 100}, (_, index) => 500 + index)]

const retryErrorCodes = [
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
 * Milliseconds to wait before attempt number `attempt + 1`: 0.25 s doubling up to 8 s, with jitter so that
 * a fleet of cron jobs does not come back in step; at least what the server asked for, where that is a number.
 */
export function retryDelay(attempt: number, retryAfter: number | undefined, random = Math.random): number {
  const backoff = Math.min(250 * 2 ** (attempt - 1), 8000) * (0.5 + random() / 2)
  return Math.max(1, Math.round(backoff), retryAfter || 0)
}

/** What got is told of it: for the statuses and errors above only, after a wait that is ours. */
export const retryRules = {
  statusCodes: retryStatuses,
  errorCodes: retryErrorCodes,
  maxRetryAfter: LONGEST_RETRY_AFTER,
  enforceRetryRules: true,
  calculateDelay: ({attemptCount, retryAfter}: {attemptCount: number; retryAfter?: number}) =>
    retryDelay(attemptCount, retryAfter),
}
