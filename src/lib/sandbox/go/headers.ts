import {isIP} from 'node:net'
import {percentDecode} from './query.js'

/**
 * The value of a cookie as gin hands it to a handler: of several the first with that name, quotes
 * taken off, percent-decoded (contracts/nezha.md 1.2); `''` when there is none or it is broken.
 */
export function cookieValue(rawHeaders: readonly string[], name: string): string {
  for (const header of headerValues(rawHeaders, 'cookie')) {
    for (const part of header.split(';')) {
      const equals = part.indexOf('=')
      if (equals < 0 || part.slice(0, equals).trim() !== name) continue
      const value = part.slice(equals + 1).trim()
      const bare = /^"(.*)"$/.exec(value)?.[1] ?? value
      return percentDecode(bare, 'is a space') ?? ''
    }
  }
  return ''
}

/** The values of a header in the order they arrived; node's own map joins or drops repeated ones. */
export function headerValues(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === name) values.push(rawHeaders[index + 1] ?? '')
  }
  return values
}

/** Go's `Header.Get`: the first value, or `''`. */
export function firstHeader(rawHeaders: readonly string[], name: string): string {
  return headerValues(rawHeaders, name)[0] ?? ''
}

/**
 * The caller's address as gin's `ClientIP` sees it when every proxy is trusted (its default): the
 * leftmost of X-Forwarded-For, else X-Real-IP, else the peer. A header with anything in it that is
 * no bare address is passed over (contracts/nezha.md 1.6).
 */
export function clientIP(rawHeaders: readonly string[], peer: string): string {
  for (const name of ['x-forwarded-for', 'x-real-ip']) {
    const addresses = firstHeader(rawHeaders, name)
      .split(',')
      .map(address => address.trim())
    const leftmost = addresses[0]
    if (leftmost && addresses.every(address => isIP(address) !== 0 && !address.includes('%'))) return leftmost
  }
  return peer.replace(/^::ffff:/, '')
}
