import {usageError} from '../errors.js'
import {refuseQuotation} from './environment.js'

/**
 * A panel's URL in the one form the rest of panelctl uses: http or https, no trailing slash, a path
 * prefix kept (`https://host/nezha`). `source` names where it came from (`--url`, a variable, a context)
 * and starts each message.
 * @throws PanelctlError USAGE; a password in the URL is never repeated
 */
export function normaliseUrl(text: string, source: string): string {
  const trimmed = text.trim()
  if (trimmed === '') throw usageError(`${source}: the URL is empty`)
  refuseQuotation(trimmed, source)
  // `new URL('localhost:8008')` is a valid URL of the scheme "localhost", so the scheme is asked for first
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed)
  const url = hasScheme && URL.canParse(trimmed) ? new URL(trimmed) : undefined
  // what does not parse may still hold a password (`user:p/w@host`): an @ is enough not to repeat it
  if (url === undefined ? trimmed.includes('@') : url.username !== '' || url.password !== '')
    throw usageError(
      `${source}: a URL must not carry a user name or password`,
      'leave out everything up to the @ and give credentials with login or the environment',
    )
  if (!hasScheme) throw usageError(`${source}: ${trimmed} has no scheme`, whatIsMeant(trimmed))
  const port = /^[^/]*:\/\/[^/?#]*:(\d+)(?:[/?#]|$)/.exec(trimmed)?.[1]
  if (url === undefined && Number(port) > 65_535)
    throw usageError(`${source}: the port ${port} of ${trimmed} is too big`, 'ports go up to 65535')
  if (url === undefined) throw usageError(`${source}: ${trimmed} is not a URL`, whatIsMeant(trimmed))
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw usageError(`${source}: ${trimmed} must start with http:// or https://`)
  const bare = bareUrl(url)
  // asked of the text, because an empty query (`https://host/?`) is gone from the parsed URL
  if (/[?#]/.test(trimmed))
    throw usageError(`${source}: the URL of a panel has no query or fragment`, `did you mean ${bare} ?`)
  return bare
}

/** A guess is one that is a URL: who types what a hint says must not be refused again. */
function whatIsMeant(text: string): string {
  if (/^(?:https?:)?\/*[\da-f]*:[\da-f]*:[\da-f:]+(?:$|\/)/i.test(text))
    return 'an IPv6 address stands in brackets, as in http://[::1]:8008'
  const guess = text.replace(/^(?:(https?)(?=[:;/])[:;]?)?\/*/i, (_, scheme = 'https') => `${scheme}://`)
  if (text.includes('://') || !URL.canParse(guess)) return 'a URL looks like https://panel.example.com'
  return `did you mean ${bareUrl(new URL(guess))} ?`
}

function bareUrl(url: URL): string {
  return url.origin + url.pathname.replace(/\/+$/, '')
}

/** Whether two normalised URLs share scheme, host and port: what decides if a credential may follow. */
export function isSameOrigin(one: string, other: string): boolean {
  return new URL(one).origin === new URL(other).origin
}
