import type {IncomingHttpHeaders} from 'node:http'
import type {PanelctlError} from '../errors.js'
import {ageOf} from './clock.js'
import {badResponse, type Call} from './failure.js'
import {front} from './gateway.js'

/** Where caches say what they had: Cloudflare, CloudFront and Squid, nginx by custom, RFC 9211. */
const tellers = ['cf-cache-status', 'x-cache', 'x-cache-status', 'x-proxy-cache', 'cache-status']

/**
 * What is wrong with an answer that a cache before the panel gave in its place: it is of an earlier moment, and perhaps for somebody
 * else. No panel has one, and one that says nothing of itself is not seen.
 */
export function outOfCache(call: Call, headers: IncomingHttpHeaders): PanelctlError | undefined {
  const age = ageOf(headers)
  const isHit = tellers.some(name => /(?<![a-z])(hit|stale)(?![a-z])/i.test(String(headers[name] ?? '')))
  if (!isHit && !(age > 0)) return undefined
  const old = age > 0 ? `, ${age} s old` : ''
  return badResponse(
    call,
    `out of a cache${old}`,
    {hint: 'let it keep nothing of what the panel answers: others may get that, too'},
    front(call),
  )
}
