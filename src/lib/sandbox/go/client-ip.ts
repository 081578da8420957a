import {isIP} from 'node:net'
import {firstHeader} from './headers.js'

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
