import type {ClientRequest} from 'node:http'
import type {Socket} from 'node:net'
import type {TLSSocket} from 'node:tls'
import type {CancelableRequest, OptionsOfBufferResponseBody, RequestError} from 'got'
import {PanelctlError} from '../errors.js'
import {stringifyExactly, withIntegersOf} from '../exact-integers.js'
import {readAnswer} from './answer.js'
import {outOfCache} from './cached.js'
import type {ClientOptions} from './client-options.js'
import {connectionFailure, throwRefusal} from './connection-failure.js'
import {acceptedCodings, LARGEST_BODY} from './content-coding.js'
import type {Destination} from './destination.js'
import {DryRun} from './dry-run.js'
import {requestUrl} from './endpoint.js'
import {badResponse, type Call, callOf, goalOf, inDoubt, interruptedWrite, unreadable} from './failure.js'
import type {Answer} from './panel.js'
import {forwarderOf, proxyRoute, proxyTo} from './proxy.js'
import {redactBody, redactUrl} from './redact.js'
import {redirectOf, setsCookie, staysWith, withoutBody} from './redirect.js'
import type {RawRequest} from './request.js'
import {type Headers, lettingIn, shownHeaders} from './request-headers.js'
import {retryRules} from './retry.js'

/** An answer as it came, whatever its status, and what was asked: `judge` takes both. */
export interface Exchange {
  readonly answer: Answer
  readonly call: Call
}

/** What the exchanges of a client have in common. */
export interface Wire {
  readonly options: ClientOptions
  /** Takes which of the panel's secret fields came in answers. */
  readonly secretsSeen: Set<string>
  /** The bytes that have come of each answer that is not whole yet. */
  readonly arriving: Map<Call, number>
}

export const DEFAULT_TIMEOUT = 30_000

/** Whether bytes of the request itself can have left: only once the connection, TLS included, stands. */
function watchDeparture(request: ClientRequest, departed: () => void): void {
  request.once('socket', (socket: Socket | TLSSocket) => {
    if (request.reusedSocket) departed()
    else if ('encrypted' in socket) socket.once('secureConnect', departed)
    else if (socket.connecting) socket.once('connect', departed)
    else departed()
  })
}

/** How far a request came, and why we gave it up, if we did. */
interface Progress {
  sent: boolean
  answering: boolean
  /** Whether HTTP has come over this connection. */
  speaksHttp: boolean
  givenUp: PanelctlError | undefined
}

function watch(
  pending: CancelableRequest<unknown>,
  call: Call,
  arriving: Wire['arriving'],
  departed?: () => void,
): Progress {
  const progress: Progress = {sent: false, answering: false, speaksHttp: false, givenUp: undefined}
  function giveUp(reason: PanelctlError) {
    progress.givenUp ??= reason
    pending.cancel()
  }
  pending.on('request', (outgoing: ClientRequest) => {
    progress.answering = false
    progress.speaksHttp = false
    const speaks = () => {
      progress.speaksHttp = true
    }
    outgoing.once('socket', () => {
      if (outgoing.reusedSocket) speaks()
    })
    outgoing.once('information', speaks)
    outgoing.once('response', () => {
      progress.answering = true
    })
    watchDeparture(outgoing, () => {
      progress.sent = true
      // Once what waited for the connection is written.
      if (departed) setImmediate(departed)
    })
    // Nobody asked for another protocol; got would wait for an answer for ever.
    outgoing.once('upgrade', (_response, socket: Socket) => {
      socket.destroy()
      giveUp(
        call.writes
          ? inDoubt(call, 'the answer was another protocol')
          : badResponse(call, 'with another protocol'),
      )
    })
  })
  pending.on('downloadProgress', ({transferred}) => {
    arriving.set(call, transferred)
    const together = [...arriving.values()].reduce((sum, bytes) => sum + bytes, 0)
    const others = arriving.size > 1 ? ', together with others' : ''
    if (together > LARGEST_BODY)
      giveUp(badResponse(call, `with more than ${LARGEST_BODY / 1024 / 1024} MiB${others}`))
  })
  return progress
}

/** The limits of what may take as long as it goes on moving. */
export function whileMoving(timeout: number) {
  return {lookup: timeout, connect: timeout, socket: timeout}
}

/** Where a request was when it failed: behind the redirects that were followed, of earlier attempts too. */
export function askedLast({options}: RequestError, first: URL): URL {
  return new URL(options.url ?? first)
}

/** How got goes about a request: with redirects and repetitions only where they are harmless. */
function gotOptions(request: RawRequest, timeout: number, retries: number): OptionsOfBufferResponseBody {
  const method = request.method as 'GET'
  return {
    method,
    ...(request.file ? {body: request.file.content} : {}),
    ...(request.body === undefined ? {} : {body: stringifyExactly(request.body)}),
    responseType: 'buffer',
    // Here a wrong label would be an error of the connection, whatever the status says.
    decompress: false,
    throwHttpErrors: false,
    maxRedirects: 3,
    methodRewriting: false,
    followRedirect(response) {
      const {statusCode: status, headers} = response
      const from = new URL(response.url)
      const to = redirectOf({status, headers, url: from})
      if (setsCookie(headers, request.redirects) || method !== 'GET' || !to || !staysWith(from, to))
        return false
      withoutBody(response)
      return true
    },
    timeout: {request: timeout},
    ...(request.file ? {timeout: whileMoving(timeout)} : {}),
    retry: {
      ...retryRules,
      limit: request.repeatable && !request.once ? retries : 0,
      methods: request.repeatable ? [method] : [],
    },
  }
}

/**
 * A request on its way: where it goes, with all that got is told of it but how the body comes.
 * @throws DryRun for a write under `--dry-run`
 */
export async function outgoing(
  request: RawRequest,
  destination: Destination,
  session: Headers | undefined,
  {options}: Wire,
) {
  const {url: base, tls} = destination
  const {panel, method, body: sent = null} = request
  const url = requestUrl(base, request.path, request.query)
  const call = callOf({panel, method, writes: !request.repeatable, lookWith: request.lookWith}, base, url)
  const secretHeaders = lettingIn(panel, destination, session)
  const headers = {
    accept: 'application/json',
    'user-agent': options.userAgent,
    ...(request.body === undefined ? {} : {'content-type': 'application/json'}),
    ...(request.file
      ? {'content-type': 'application/octet-stream', 'content-length': String(request.file.size)}
      : {}),
    ...secretHeaders,
  }
  const shown = {
    url: redactUrl(url),
    headers: shownHeaders(headers, destination),
    body: withIntegersOf(request.body, redactBody(sent, request.hides)),
  }
  if (options.dryRun && (call.writes || request.acts)) throw new DryRun({method, ...shown})
  if (call.writes) options.writes?.(call.lookWith)
  const timeout = (options.timeout ?? request.timeout ?? DEFAULT_TIMEOUT) + (request.lasts ?? 0)
  const proxy = await proxyRoute(url, tls, timeout)
  const signal =
    request.tellsOnce && options.outlivesSignal
      ? request.signal
      : request.signal
        ? AbortSignal.any([options.signal, request.signal])
        : options.signal
  let started = 0
  const start = () => {
    // Not where nobody asks: Node loads a part of it for that clock.
    if (options.debug) started = performance.now()
  }
  start()
  const log = (line: string) =>
    options.debug?.(`${method} ${shown.url} → ${line} in ${Math.round(performance.now() - started)} ms`)
  options.debug?.(`headers ${JSON.stringify(shown.headers)}`)
  if (request.body !== undefined) options.debug?.(`body ${stringifyExactly(shown.body)}`)
  const gotten = {
    ...gotOptions(request, timeout, options.retries),
    headers: {'accept-encoding': acceptedCodings, ...headers},
    https: {rejectUnauthorized: tls.rejectUnauthorized, ...(tls.ca ? {certificateAuthority: tls.ca} : {})},
    ...(proxy ? {agent: proxy.agent} : {}),
    ...(signal ? {signal} : {}),
    hooks: {
      beforeRequest: [start],
      // got takes the credentials off where the port changes, http to https included; `followRedirect` has made
      // sure that the host is the same.
      beforeRedirect: [
        (redirected: {headers: object}) => {
          Object.assign(redirected.headers, secretHeaders)
        },
      ],
      beforeRetry: [
        ({response, code, message}: RequestError, count: number) =>
          log(`${response ? `HTTP ${response.statusCode}` : (code ?? message)}, retry ${count}`),
      ],
    },
  }
  return {url, call, proxy, signal, log, gotten, timeout}
}

/**
 * Sends one request, again where that is harmless, and gives the answer as it came.
 * @throws PanelctlError UNREACHABLE, UNCERTAIN or BAD_RESPONSE where none came whole; AUTH for a proxy that wants credentials
 * @throws DryRun for a write under `--dry-run`
 */
export async function exchange(
  request: RawRequest,
  destination: Destination,
  session: Headers | undefined,
  wire: Wire,
): Promise<Exchange> {
  // Not where no request goes out.
  const got = await import('got')
  const {options} = wire
  const {credential} = destination
  const {url, call, proxy, signal, log, gotten} = await outgoing(request, destination, session, wire)
  const pending = got.default(url, gotten)
  const progress = watch(pending, call, wire.arriving, request.departed)
  const answered = options.waiting?.(`waiting for ${url.host}`)
  // At once: after an interruption the process may not live to see this function end.
  const interrupted = () => {
    answered?.()
    if (call.writes && progress.sent) options.warn(interruptedWrite(call))
  }
  signal?.addEventListener('abort', interrupted, {once: true})
  try {
    const response = await pending
    const forwarder = forwarderOf(proxy, new URL(response.url))
    log(`HTTP ${response.statusCode}, ${response.rawBody.length} bytes`)
    throwRefusal(goalOf(call), forwarder, response)
    const forwarded = {...call, proxy: forwarder}
    const answer = readAnswer(forwarded, url, response, {
      credential: credential && session ? 'session' : credential?.kind,
      keep: request.keepBytes,
      secretsSeen: wire.secretsSeen,
    })
    if (answer.date) options.told?.(answer.date)
    const stale = call.writes ? undefined : outOfCache(forwarded, answer.headers)
    if (stale) options.stale?.(stale)
    return {answer, call: forwarded}
  } catch (error) {
    if (error instanceof PanelctlError) throw error
    if (progress.givenUp) throw unreadable(call, progress.givenUp)
    signal?.throwIfAborted()
    if (!(error instanceof got.RequestError)) throw error
    const ledTo = askedLast(error, url)
    const on = proxyTo(proxy, url, ledTo)
    log(error.code === 'ERR_GOT_REQUEST_ERROR' ? error.message : error.code)
    throw connectionFailure(call, error, {...progress, proxy: on, url, ledTo})
  } finally {
    wire.arriving.delete(call)
    signal?.removeEventListener('abort', interrupted)
    answered?.()
  }
}
