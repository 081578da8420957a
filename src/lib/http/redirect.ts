import type {Answer} from './panel.js'

/** Where a redirect leads; undefined for any other answer. */
export function redirectOf({status, headers: {location}, url}: Pick<Answer, 'status' | 'headers' | 'url'>) {
  if (status < 300 || status >= 400 || typeof location !== 'string') return undefined
  return URL.canParse(location, url.href) ? new URL(location, url) : undefined
}

/** Whether credentials may go where a redirect leads: to the same host, and from http to https at most. */
export function staysWith(from: URL, to: URL): boolean {
  if (to.hostname !== from.hostname || to.username !== '') return false
  // Another port of the host is another program, and not for these credentials.
  if (to.protocol === from.protocol) return to.port === from.port
  return from.protocol === 'http:' && to.protocol === 'https:'
}
