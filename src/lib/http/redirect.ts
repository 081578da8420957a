import type {IncomingMessage} from 'node:http'
import type {Answer} from './panel.js'

/** Where a redirect leads; undefined for any other answer, and where that is no address of HTTP. */
export function redirectOf({status, headers: {location}, url}: Pick<Answer, 'status' | 'headers' | 'url'>) {
  if (status < 300 || status >= 400 || typeof location !== 'string') return undefined
  const to = URL.canParse(location, url.href) ? new URL(location, url) : undefined
  return to && /^https?:$/.test(to.protocol) ? to : undefined
}

/** Whether it sets a cookie of this name. */
export function setsCookie(headers: Answer['headers'], name: string | undefined): boolean {
  return [headers['set-cookie'] ?? []].flat().some(cookie => cookie.startsWith(`${name}=`))
}

/** The port of an address, also where it is the usual one. */
export function portOf({port, protocol}: Pick<URL, 'port' | 'protocol'>): string {
  return port || (protocol === 'https:' ? '443' : '80')
}

/** Whether credentials may go where a redirect leads: to the same host and port, where 80 may become 443. */
export function staysWith(from: URL, to: URL): boolean {
  if (to.hostname !== from.hostname || to.username !== '') return false
  const isUpgrade = from.protocol === 'http:' && to.protocol === 'https:'
  if (isUpgrade && portOf(from) === '80' && portOf(to) === '443') return true
  // Another port of the host is another program, and not for these credentials.
  return (isUpgrade || to.protocol === from.protocol) && portOf(to) === portOf(from)
}

/** Hangs up on what a redirect that is followed has for a body: got would wait for its end, with no limit of time or size. */
export function withoutBody(redirect: IncomingMessage): void {
  if (redirect.headers['content-length'] === '0') return
  // Those of got would take it for the failure of the request.
  redirect.removeAllListeners('aborted').removeAllListeners('error')
  redirect.on('error', () => {})
  redirect.destroy()
}
