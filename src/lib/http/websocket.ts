import type {IncomingHttpHeaders} from 'node:http'
import WebSocket from 'ws'
import {PanelctlError} from '../errors.js'
import {readAnswer} from './answer.js'
import {statusFailure} from './answer-failure.js'
import {concernsAll, connectionFailure, proxyRefusal} from './connection-failure.js'
import type {Destination} from './destination.js'
import {badResponse, type Call, goalOf} from './failure.js'
import {front, letPass, redirectFailure} from './gateway.js'
import {judge} from './judge.js'
import {NotUpgraded} from './not-upgraded.js'
import type {Answer} from './panel.js'
import {proxyTunnel} from './proxy.js'
import {redactUrl} from './redact.js'
import {inBrackets} from './said.js'

export interface SocketOptions {
  readonly call: Call
  /** The http(s) address that the WebSocket begins with. */
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** The headers with secrets replaced, for a log. */
  readonly shownHeaders: Readonly<Record<string, unknown>>
  /** The kind of credential in the headers. */
  readonly credential: string | undefined
  /** Takes which of the panel's secret fields came in frames. */
  readonly secretsSeen: Set<string>
  readonly tls: Destination['tls']
  /** Milliseconds for each answer. */
  readonly timeout: number
  /** Milliseconds for the handshake, and for the first answer; without it as for the others. */
  readonly patience?: number
  readonly signal: AbortSignal
  /** Milliseconds between two pings: a proxy cuts what is silent for a minute. */
  readonly pingEvery?: number
  readonly debug?: ((line: string) => void) | undefined
}

export interface PanelSocket {
  /**
   * Sends a text frame, where there is something to ask, and gives the next frame, as an answer of the panel.
   * @throws PanelctlError UNREACHABLE where the connection ends or no frame comes in time, BAD_RESPONSE for a frame that is
   * no JSON, REJECTED where the panel ends the connection for its policy
   */
  ask(question: string | undefined): Promise<Answer>
  close(): void
}

const PING_EVERY = 20_000

/** Bytes of an answer in the place of a connection. */
const LARGEST_PAGE = 1024 * 1024

/** How long a panel may take to say goodbye. */
const CLOSING_TIME = 1000

/** RFC 6455 7.4.1: whoever closes refuses what was asked. */
const POLICY_VIOLATION = 1008

/**
 * Connects, where the panel wants it with the `Origin` of itself: it is compared with the `Host` header as it stands,
 * which leaves out a default port as `URL.origin` does, and which a proxy may have changed. So it is sent to no other.
 * @throws PanelctlError what the answer means that came in place of the connection, UNREACHABLE where none came
 * @throws NotUpgraded where that is a matter of WebSockets
 */
export async function openSocket(options: SocketOptions): Promise<PanelSocket> {
  const {call, url, tls, timeout, patience = timeout, signal, debug} = options
  const {name: panel} = call.panel
  signal.throwIfAborted()
  const tunnel = await proxyTunnel(url, tls, patience)
  const address = new URL(url)
  address.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const origin = call.panel.wantsOrigin ? {origin: url.origin} : {}
  debug?.(`headers ${JSON.stringify({...options.shownHeaders, ...origin})}`)
  const started = performance.now()
  const log = (line: string) =>
    debug?.(`WebSocket ${redactUrl(address)} ${line} after ${Math.round(performance.now() - started)} ms`)

  const socket = new WebSocket(address, {
    headers: options.headers,
    ...origin,
    agent: tunnel?.agent[url.protocol === 'https:' ? 'https' : 'http'],
    ...tls,
    perMessageDeflate: false,
    followRedirects: false,
  })

  let failure: unknown
  /** Whether a frame came: a WebSocket gets through. */
  let works = false
  let waiting: {resolve(answer: Answer): void; reject(reason: unknown): void} | undefined
  let opening: {resolve(): void; reject(reason: unknown): void} | undefined

  /** The first failure is the one that counts: what follows comes of it. */
  function fail(reason: unknown): void {
    failure ??= reason
    opening?.reject(failure)
    waiting?.reject(failure)
    opening = undefined
    waiting = undefined
    socket.terminate()
  }

  /** What a proxy answers in the place of the panel is not the panel's. */
  function refusedByProxy(): PanelctlError | undefined {
    const status = tunnel?.refusal()
    return tunnel && status !== undefined ? proxyRefusal(goalOf(call), tunnel, status) : undefined
  }

  /** Whether an answer has a meaning of its own: a refusal of the panel, a login, a redirect, a wait. */
  function knows(answer: Answer): boolean {
    return (
      answer.status === 401 ||
      statusFailure(call, answer) !== undefined ||
      call.panel.recognize(answer) !== undefined
    )
  }

  /** Whether it refuses the credentials, which some do with HTTP 200. */
  function refuses(answer: Answer): boolean {
    if (answer.json === undefined) return false
    try {
      judge(call, answer)
      return false
    } catch (error) {
      return error instanceof PanelctlError && error.code === 'AUTH'
    }
  }

  function read(statusCode: number, headers: IncomingHttpHeaders, body: Buffer): Answer {
    return readAnswer(call, url, {statusCode, headers, body}, options)
  }

  function lost(code: string | undefined, message: string): PanelctlError {
    const refusal = refusedByProxy()
    if (refusal) {
      const {code, message, hint, status} = refusal
      return code === 'AUTH' ? refusal : new NotUpgraded(code, message, {panel, hint, status})
    }
    const progress = {sent: false, answering: false, speaksHttp: false, proxy: tunnel, url}
    const cause = connectionFailure(call, {code, message}, progress)
    if (works || concernsAll(code)) return cause
    const text = `no WebSocket comes about (${call.method} ${call.path}): ${cause.message}`
    // An upgrade to something else: an answer, and none of a panel.
    const isOther = code === undefined && /^Invalid .* header$/.test(message)
    return new NotUpgraded(isOther ? 'BAD_RESPONSE' : 'UNREACHABLE', text, {
      panel,
      late: code === 'ETIMEDOUT',
      cause,
    })
  }

  const expired = (limit: number) => () => fail(lost('ETIMEDOUT', `for ${limit}ms`))

  const aborted = () => fail(signal.reason)
  signal.addEventListener('abort', aborted, {once: true})

  socket.on('open', () => {
    log('→ open')
    opening?.resolve()
    opening = undefined
  })
  socket.on('unexpected-response', (request, response) => {
    const chunks: Buffer[] = []
    let size = 0
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      size += chunk.length
      // What a page says is in its first words.
      if (size > LARGEST_PAGE) response.destroy()
    })
    response.on('error', () => {})
    response.on('close', () => {
      const {statusCode = 0, headers} = response
      log(`→ HTTP ${statusCode}`)
      if (refusedByProxy()) return fail(lost(undefined, ''))
      try {
        const body = Buffer.concat(chunks)
        // What was cut off is no answer, whatever it calls itself.
        const answer = read(statusCode, size > LARGEST_PAGE ? {} : headers, body)
        // The address is what is wrong, or a login is in the way: no upgrade was lost.
        if (statusCode >= 300 && statusCode < 400) {
          const {code, message, hint, status} = redirectFailure(call, answer)
          throw new NotUpgraded(code, `no WebSocket comes about: ${message}`, {panel, hint, status})
        }
        // What a panel says to a question that reaches it without its upgrade; 426 and 501 are the standard's words.
        const asksForIt =
          statusCode === 400 &&
          (headers['sec-websocket-version'] !== undefined || /upgrade/i.test(body.toString()))
        const isCut = asksForIt || statusCode === 426 || statusCode === 501
        // A page is not the panel's, unless it knows it for its own refusal.
        const isPage = answer.json === undefined && !knows(answer)
        const isGone = statusCode >= 500
        if (isCut || (statusCode < 400 && !refuses(answer)) || isPage || isGone) {
          const code = isGone && !isCut ? 'UNREACHABLE' : 'BAD_RESPONSE'
          const said = `answered ${call.method} ${call.path} with HTTP ${statusCode}${inBrackets(answer)}`
          const text = `${front(call)} ${said}, and lets no WebSocket through`
          // Who forbids the path takes it for no ordinary request.
          const hint = statusCode === 403 && !isCut ? letPass(call) : undefined
          throw new NotUpgraded(code, text, {panel, status: statusCode, hint})
        }
        judge(call, answer)
        fail(badResponse(call, `with HTTP ${statusCode} in place of a WebSocket`, {status: statusCode}))
      } catch (error) {
        fail(error)
      }
      request.destroy()
    })
  })
  socket.on('error', (error: Error & {code?: string}) => {
    log(`→ ${error.code ?? error.message}`)
    fail(lost(error.code, error.message))
  })
  socket.on('close', (code, reason) => {
    clearInterval(pings)
    signal.removeEventListener('abort', aborted)
    const text = reason.toString()
    if (code === POLICY_VIOLATION) {
      fail(
        new PanelctlError('REJECTED', `${call.panel.title} at ${call.host} closed ${call.path}: ${text}`, {
          panel: call.panel.name,
        }),
      )
    }
    // Without a Close frame too, which is how some go down.
    fail(lost('ECONNRESET', text))
  })
  /** The last frame that came while nobody waited: of a panel that tells by itself. */
  let unread: string | undefined
  /** Whether anything has come since the last ping: a panel that only tells reads none, and answers none. */
  let answered = true

  function take(text: string): void {
    try {
      waiting?.resolve(read(200, {'content-type': 'application/json'}, Buffer.from(text)))
      waiting = undefined
    } catch (cause) {
      fail(badResponse(call, `with a frame that is no JSON: ${text.slice(0, 60)}`, {cause}))
    }
  }

  socket.on('message', data => {
    works = true
    answered = true
    if (waiting) take(data.toString())
    else unread = data.toString()
  })

  socket.on('pong', () => {
    answered = true
  })
  const pings = setInterval(() => {
    // Read what has come first: a process that was stopped, or that had much to do, finds the
    // answer beside the timer that missed it.
    setImmediate(() => {
      if (socket.readyState !== WebSocket.OPEN) return
      if (!answered) return fail(lost('ECONNRESET', ''))
      answered = false
      socket.ping()
    })
  }, options.pingEvery ?? PING_EVERY)
  pings.unref()

  // One for all of it: a proxy, a handshake, and a page in its place may come drop by drop.
  const deadline = setTimeout(expired(patience), patience)
  await new Promise<void>((resolve, reject) => {
    opening = {resolve, reject}
    if (failure !== undefined) reject(failure)
  }).finally(() => clearTimeout(deadline))

  return {
    async ask(question) {
      if (failure !== undefined) throw failure
      let timer: NodeJS.Timeout | undefined
      try {
        return await new Promise<Answer>((resolve, reject) => {
          waiting = {resolve, reject}
          const limit = works ? timeout : patience
          timer = setTimeout(expired(limit), limit)
          // An answer is what comes after its question.
          const told = question === undefined ? unread : undefined
          unread = undefined
          if (question !== undefined) socket.send(question)
          else if (told !== undefined) take(told)
        })
      } finally {
        clearTimeout(timer)
      }
    },
    close() {
      signal.removeEventListener('abort', aborted)
      socket.close(1000)
      setTimeout(() => socket.terminate(), CLOSING_TIME).unref()
    },
  }
}
