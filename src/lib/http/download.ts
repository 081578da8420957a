import {PanelctlError} from '../errors.js'
import {networkReason, proxyFailure, throwRefusal} from './connection-failure.js'
import {askedLast} from './exchange.js'
import {forwarderOf, proxyRoute, proxyTo} from './proxy.js'
import {redirectOf, withoutBody} from './redirect.js'
import {retryRules, retryStatuses} from './retry.js'
import {certificateAuthorities} from './trust.js'

/** Milliseconds for an attempt. */
const LONGEST = 60_000

export interface DownloadOptions {
  /** More bytes than this end it. */
  readonly largest: number
  readonly caFile: string | undefined
  readonly signal: AbortSignal
}

/**
 * A file from anywhere on the web, without credentials: up to a size, over redirects that never leave HTTPS.
 * @throws PanelctlError UNREACHABLE where it cannot be had, BAD_RESPONSE where it is too large or there is none
 */
export async function download(url: URL, {largest, caFile, signal}: DownloadOptions): Promise<Buffer> {
  const {default: got, RequestError} = await import('got')
  const ca = caFile === undefined ? undefined : await certificateAuthorities(caFile)
  const proxy = await proxyRoute(url, {rejectUnauthorized: true, ...(ca ? {ca} : {})}, LONGEST)
  const pending = got(url, {
    responseType: 'buffer',
    throwHttpErrors: false,
    headers: {'user-agent': 'panelctl'},
    https: {rejectUnauthorized: true, ...(ca ? {certificateAuthority: ca} : {})},
    ...(proxy ? {agent: proxy.agent} : {}),
    maxRedirects: 5,
    followRedirect(response) {
      const {statusCode: status, headers} = response
      const from = new URL(response.url)
      const to = redirectOf({status, headers, url: from})
      if (!to || (from.protocol === 'https:' && to.protocol !== 'https:')) return false
      withoutBody(response)
      return true
    },
    timeout: {request: LONGEST},
    retry: {...retryRules, limit: 3},
    signal,
  })
  let tooLarge = false
  pending.on('downloadProgress', ({transferred}) => {
    if (transferred <= largest || tooLarge) return
    tooLarge = true
    pending.cancel()
  })
  try {
    const response = await pending
    const {statusCode, rawBody} = response
    const from = new URL(response.url)
    throwRefusal({name: from.host, host: from.host}, forwarderOf(proxy, from), response)
    if (statusCode === 200) return rawBody
    throw new PanelctlError(
      retryStatuses.includes(statusCode) ? 'UNREACHABLE' : 'BAD_RESPONSE',
      `${from.host} answered with HTTP ${statusCode} for ${from.pathname}`,
      {status: statusCode},
    )
  } catch (error) {
    if (tooLarge)
      throw new PanelctlError('BAD_RESPONSE', `${url.href} is larger than ${largest / 1024} KiB`, {
        hint: 'is this the address of a script?',
      })
    if (!(error instanceof RequestError)) throw error
    signal.throwIfAborted()
    const at = askedLast(error, url)
    const ofProxy = proxyFailure({name: at.host, host: at.host}, proxyTo(proxy, url, at), error)
    if (ofProxy) throw ofProxy
    const {reason} = networkReason(error.code, error.message)
    const led = at.href === url.href ? '' : `, which redirects to ${at.origin}`
    throw new PanelctlError('UNREACHABLE', `cannot download ${url.href}${led}: ${reason}`, {cause: error})
  }
}
