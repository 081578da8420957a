import {once} from 'node:events'
import type {IncomingMessage} from 'node:http'
import type {Readable} from 'node:stream'
import {PanelctlError} from '../errors.js'
import {readAnswer} from './answer.js'
import {connectionFailure, throwRefusal} from './connection-failure.js'
import type {Destination} from './destination.js'
import {type Exchange, outgoing, type Wire, whileMoving} from './exchange.js'
import {badResponse, goalOf} from './failure.js'
import {forwarderOf, proxyTo} from './proxy.js'
import type {RawRequest} from './request.js'

/** What stands in place of a file says why in fewer bytes. */
const LONGEST_REASON = 64 * 1024

/** As much of a body as a message may need. */
export async function beginningOf(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    length += chunk.length
    if (length > LONGEST_REASON) break
  }
  return Buffer.concat(chunks)
}

/** What takes a body, with the type that it is said to be. */
export type Taking = (body: Readable, type: string) => Promise<void>

/**
 * Sends one GET, and hands the body of HTTP 200 to `take` as it comes, for as long as it goes on moving. The answer has no
 * body then; of another status it has its beginning.
 * @throws PanelctlError UNREACHABLE or BAD_RESPONSE where it did not come whole, and what `take` throws
 */
export async function receive(
  request: RawRequest,
  destination: Destination,
  wire: Wire,
  take: Taking,
): Promise<Exchange> {
  const {default: got, RequestError} = await import('got')
  const {url, call, proxy, signal, log, gotten, timeout} = await outgoing(
    request,
    destination,
    undefined,
    wire,
  )
  const {isStream: _, ...options} = gotten
  const stream = got.stream(url, {
    ...options,
    headers: {...options.headers, accept: '*/*', 'accept-encoding': 'identity'},
    timeout: whileMoving(timeout),
    retry: {limit: 0},
  })
  const ledTo = () => stream.redirectUrls.at(-1) ?? url
  let answering = false
  // Kept, as it may come while nobody reads.
  let failure: Error | undefined
  stream.on('error', (error: Error) => {
    failure ??= error
  })
  try {
    const [first]: IncomingMessage[] = await once(stream, 'response')
    answering = true
    const {statusCode = 0, headers = {}} = first ?? {}
    const forwarder = forwarderOf(proxy, ledTo())
    throwRefusal(goalOf(call), forwarder, {statusCode, headers})
    const coding = headers['content-encoding']
    if (statusCode === 200 && coding !== undefined && coding !== 'identity')
      throw badResponse(call, `with the Content-Encoding ${coding}, which nobody asked for`)
    const body = statusCode === 200 ? Buffer.alloc(0) : await beginningOf(stream)
    if (failure) throw failure
    if (statusCode === 200) await take(stream, headers['content-type'] ?? '')
    log(`HTTP ${statusCode}`)
    const {secretsSeen} = wire
    const forwarded = {...call, proxy: forwarder}
    const response = {statusCode, headers, body}
    const answer = readAnswer(forwarded, url, response, {credential: undefined, secretsSeen})
    return {answer, call: forwarded}
  } catch (error) {
    if (error instanceof PanelctlError) throw error
    signal?.throwIfAborted()
    // What reads a body that has failed already knows only that it has.
    const cause = failure ?? error
    if (!(cause instanceof RequestError)) throw error
    log(cause.code)
    const at = {url, ledTo: ledTo(), proxy: proxyTo(proxy, url, ledTo())}
    throw connectionFailure(call, cause, {sent: true, answering, speaksHttp: answering, ...at})
  } finally {
    stream.destroy()
  }
}
