import type {ClientRequest} from 'node:http'
import type {Socket} from 'node:net'
import {setTimeout as sleep} from 'node:timers/promises'
import type {TLSSocket} from 'node:tls'
import got, {type OptionsOfBufferResponseBody, type PlainResponse, RequestError} from 'got'
import {PanelctlError} from '../errors.js'
import type {Hint, PanelctlCommand} from '../hint.js'
import {parseResult, readAnswer, redirectOf} from './answer.js'
import {
  type AnyEndpoint,
  type Channel,
  fillCommand,
  fillPath,
  type InputOf,
  type ResultOf,
  requestUrl,
} from './endpoint.js'
import {
  badResponse,
  type Call,
  connectionFailure,
  inDoubt,
  interruptedWrite,
  pageFailure,
  proxyRefusal,
  statusFailure,
} from './failure.js'
import {judge} from './judge.js'
import type {Answer, Credential, Panel, Sessions} from './panel.js'
import {proxyRoute} from './proxy.js'
import {redactBody, redactHeaders, redactUrl} from './redact.js'
import {LONGEST_RETRY_AFTER, retryDelay, retryErrorCodes, retryStatuses} from './retry.js'
import type {Target} from './target.js'
import {certificateAuthorities, risksOf} from './trust.js'

export interface ClientOptions {
  /** Milliseconds for an attempt, where the user said; else the endpoint's or 30 s. */
  readonly timeout: number | undefined
  /** How often a read is repeated after its first attempt. */
  readonly retries: number
  /** Shows the request of a write instead of sending it. */
  readonly dryRun: boolean
  readonly userAgent: string
  readonly signal: AbortSignal
  /** True where the command acts on the signal itself and may wait for an answer first. */
  readonly outlivesSignal?: boolean
  warn(text: Hint): void
  /** Takes each secret that goes along with a request, so that no message repeats it. */
  sends?: ((secret: string) => void) | undefined
  /** Shows that an answer is being waited for, and gives what ends that. */
  waiting?: ((text: string) => () => void) | undefined
  /** Takes a line about each attempt; absent without `--debug`. */
  readonly debug?: ((line: string) => void) | undefined
}

/** A request as it would go out, with secrets redacted: what `--dry-run` prints. */
export interface PlannedRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: unknown
}

/** Thrown in place of sending a write under `--dry-run`. */
export class DryRun extends Error {
  constructor(
    readonly request: PlannedRequest,
    /** What is printed: the request, or a plan of more than that. */
    readonly plan: object = request,
  ) {
    super('dry run')
  }
}

/** One request without a schema: what `api` sends, and what each endpoint becomes. */
export interface RawRequest {
  readonly panel: Panel
  readonly method: string
  readonly path: string
  readonly query?: Readonly<Record<string, unknown>> | undefined
  readonly body?: unknown
  readonly timeout?: number | undefined
  /** Keeps the body as it came, which costs its size in memory. */
  readonly keepBytes?: boolean
  /** True where the request changes nothing and may be repeated. */
  readonly repeatable: boolean
  /** True where it is sent a single time although it changes nothing. */
  readonly once?: boolean
  /** A redirect is an answer like any other and is not followed. */
  readonly redirects?: 'result' | undefined
  readonly lookWith?: PanelctlCommand | undefined
  /** True where a signal waits for the answer, if the command does. */
  readonly tellsOnce?: boolean | undefined
  /** True where no credential is looked up or goes along. */
  readonly anonymous?: boolean | undefined
  /** True where it is shown under `--dry-run` although it may be repeated. */
  readonly acts?: boolean | undefined
  /** Ends the request, besides the signal of the run. */
  readonly signal?: AbortSignal | undefined
}

/** Calls endpoints: typed input in, the data without its envelope out. */
export interface Client {
  /**
   * @throws PanelctlError UNREACHABLE, UNCERTAIN, AUTH, NOT_FOUND, REJECTED or BAD_RESPONSE, as design §4 tables
   * @throws DryRun for a write under `--dry-run`
   */
  call<E extends AnyEndpoint>(endpoint: E, input: InputOf<E>, signal?: AbortSignal): Promise<ResultOf<E>>
  /** Which of the panel's secret fields came in answers so far: what there is to mask. */
  readonly secretsSeen: ReadonlySet<string>
  /** As `call`, with the panel's clock when it answered: what is ago there cannot be told by ours. */
  ask<E extends AnyEndpoint>(
    endpoint: E,
    input: InputOf<E>,
    signal?: AbortSignal,
  ): Promise<{readonly result: ResultOf<E>; readonly date: Date | undefined}>
  /** The kind of credential that goes along; undefined where none does. */
  credentialKind(panel: Panel): Promise<string | undefined>
  /** The address of a path of the panel, for a person's browser. */
  address(panel: Panel, path: string): Promise<URL>
  /**
   * Connects to a WebSocket of the panel.
   * @throws PanelctlError as `call`, from the answer that came in place of the connection
   */
  open<Result>(channel: Channel<Result>): Promise<Conversation<Result>>
  /** Opens a channel, asks once and closes it; repeated as a read is. */
  askChannel<Result>(channel: Channel<Result>, question: string): Promise<Result>
  /** Sends one request and gives the answer as it came, whatever its status; `judge` says what it means. */
  send(request: RawRequest): Promise<{answer: Answer; call: Call}>
}

/** An open channel. */
export interface Conversation<Result> {
  /**
   * Sends a frame and gives the data of the one that answers it. One at a time.
   * @throws PanelctlError UNREACHABLE where the connection ends or no frame comes in time, else as `call`
   */
  ask(question: string): Promise<Result>
  close(): void
}

/** Calls an endpoint of whichever panel it belongs to: typed input in, data without envelope out. */
export type Api = Client['call']

/** A client whose requests end with the signal too. Its channels do not: nothing is looked at through them. */
export function until(client: Client, signal: AbortSignal): Client {
  return {
    ...client,
    send: request => client.send({...request, signal}),
    call: (endpoint, input) => client.call(endpoint, input, signal),
    ask: (endpoint, input) => client.ask(endpoint, input, signal),
  }
}

const DEFAULT_TIMEOUT = 30_000

// V8's longest string is about 512 MiB, and a document is one string while it is parsed.
const LARGEST_BODY = 400 * 1024 * 1024

/** Whether bytes of the request itself can have left: only once the connection, TLS included, stands. */
function watchDeparture(request: ClientRequest, departed: () => void): void {
  request.once('socket', (socket: Socket | TLSSocket) => {
    if (request.reusedSocket) departed()
    else if ('encrypted' in socket) socket.once('secureConnect', departed)
    else if (socket.connecting) socket.once('connect', departed)
    else departed()
  })
}

function mayRedirect(response: PlainResponse, method: string): boolean {
  const {location} = response.headers
  if (method !== 'GET' || location === undefined || !URL.canParse(location, response.url)) return false
  const from = new URL(response.url)
  const to = new URL(location, from)
  if (to.hostname !== from.hostname || to.username !== '') return false
  // Another port of the host is another program, and not for these credentials.
  if (to.protocol === from.protocol) return to.port === from.port
  return from.protocol === 'http:' && to.protocol === 'https:'
}

/** Joins a target and options into a client; nothing is read or connected before the first call. */
export function createClient(target: () => Promise<Target>, options: ClientOptions): Client {
  const secretsSeen = new Set<string>()
  let prepared: Promise<{target: Target; credential: Credential | null; ca: string[] | undefined}> | undefined
  let session: Promise<Readonly<Record<string, string>> | undefined> | undefined

  async function prepare(panel: Panel, anonymous = false) {
    const found = await target()
    const credential = anonymous ? null : await found.credential()
    const ca = found.caFile === null ? undefined : await certificateAuthorities(found.caFile)
    if (credential) options.sends?.(credential.value)
    for (const risk of risksOf(panel.title, found, credential !== null)) options.warn(risk)
    return {target: found, credential, ca}
  }

  function callOf(request: RawRequest, host: string): Call {
    const {panel, method} = request
    // Without the query, which may hold a secret (`api`).
    const [path = request.path] = request.path.split('?')
    return {panel, method, path, host, writes: !request.repeatable, lookWith: request.lookWith}
  }

  async function exchange(request: RawRequest): Promise<{answer: Answer; call: Call}> {
    const used = session
    const headers = await used
    const first = await transmit(request, headers)
    const {sessions} = request.panel
    const credential = request.anonymous ? null : (await prepared)?.credential
    if (!sessions || !credential) return first
    const wanted = headers ? sessions.lost(first.answer) : used === undefined && sessions.wanted(first.answer)
    if (!wanted) return first
    // Of several calls that were refused at the same time, the first logs in for all.
    if (session === used) session = openSession(request.panel, sessions, credential)
    const opened = await session
    return opened ? transmit(request, opened) : first
  }

  function openSession(panel: Panel, sessions: Sessions, credential: Credential): typeof session {
    const opening = sessions
      .open(credential, async login => {
        // What logs in changes nothing, but each try may count towards a limit.
        const asked = {...login, panel, repeatable: true, once: login.method === 'POST', timeout: undefined}
        const {answer, call} = await transmit(asked, undefined)
        const failure = statusFailure(call, answer)
        if (failure) throw failure
        // Not every version knows each path, which is for `open` to see; any other page is not the panel's.
        if (answer.json === undefined && answer.status !== 404 && answer.status !== 405) {
          throw pageFailure(call, answer)
        }
        return answer
      })
      .then(headers => {
        for (const header of Object.values(headers ?? {})) options.sends?.(header)
        return headers
      })
    // Whoever could not be reached now may be at the next poll; who refused would count another try.
    opening.catch((error: unknown) => {
      if (error instanceof PanelctlError && error.code === 'UNREACHABLE') session = undefined
    })
    return opening
  }

  async function transmit(
    request: RawRequest,
    sessionHeaders: Readonly<Record<string, string>> | undefined,
  ): Promise<{answer: Answer; call: Call}> {
    if (!request.anonymous) prepared ??= prepare(request.panel)
    const {target: found, credential, ca} = await (prepared ?? prepare(request.panel, true))
    const url = requestUrl(found.url, request.path, request.query)
    const call = callOf(request, url.host)
    const secretHeaders =
      credential && !request.anonymous ? {...request.panel.authorize(credential), ...sessionHeaders} : {}
    const headers: Record<string, string> = {
      accept: 'application/json',
      'user-agent': options.userAgent,
      ...(request.body === undefined ? {} : {'content-type': 'application/json'}),
      ...secretHeaders,
    }
    if (options.dryRun && (call.writes || request.acts)) {
      throw new DryRun({
        method: request.method,
        url: redactUrl(url),
        headers: redactHeaders(headers),
        body: redactBody(request.body ?? null),
      })
    }
    const https = {rejectUnauthorized: !found.insecure, ...(ca ? {certificateAuthority: ca} : {})}
    const proxy = await proxyRoute(url, {rejectUnauthorized: !found.insecure, ...(ca ? {ca} : {})})
    // Where a redirect to https may lead, the way through its proxy.
    const encrypted = new URL(url)
    encrypted.protocol = 'https:'
    const upgraded =
      proxy && url.protocol === 'http:'
        ? await proxyRoute(encrypted, {rejectUnauthorized: !found.insecure, ...(ca ? {ca} : {})})
        : undefined
    const signal =
      request.tellsOnce && options.outlivesSignal
        ? request.signal
        : request.signal
          ? AbortSignal.any([options.signal, request.signal])
          : options.signal
    let sent = false
    let started = performance.now()
    const exchangeLog = (line: string) =>
      options.debug?.(
        `${request.method} ${redactUrl(url)} ${line} in ${Math.round(performance.now() - started)} ms`,
      )
    if (options.debug) {
      options.debug(`headers ${JSON.stringify(redactHeaders(headers))}`)
      if (request.body !== undefined) options.debug(`body ${JSON.stringify(redactBody(request.body))}`)
    }

    const gotOptions: OptionsOfBufferResponseBody = {
      method: request.method as 'GET',
      headers,
      ...(request.body === undefined ? {} : {body: JSON.stringify(request.body)}),
      responseType: 'buffer',
      throwHttpErrors: false,
      https,
      ...(proxy ? {agent: {...upgraded?.agent, ...proxy.agent}} : {}),
      maxRedirects: 3,
      methodRewriting: false,
      followRedirect: response => request.redirects !== 'result' && mayRedirect(response, request.method),
      timeout: {request: options.timeout ?? request.timeout ?? DEFAULT_TIMEOUT},
      retry: {
        limit: request.repeatable && !request.once ? options.retries : 0,
        methods: request.repeatable ? [request.method as 'GET'] : [],
        statusCodes: retryStatuses,
        errorCodes: retryErrorCodes,
        maxRetryAfter: LONGEST_RETRY_AFTER,
        enforceRetryRules: true,
        calculateDelay: ({attemptCount, retryAfter}) => retryDelay(attemptCount, retryAfter),
      },
      ...(signal ? {signal} : {}),
      hooks: {
        beforeRequest: [
          () => {
            started = performance.now()
          },
        ],
        // got takes the credentials off where the port changes, http to https included; `mayRedirect` has
        // made sure that the host is the same.
        beforeRedirect: [
          redirected => {
            Object.assign(redirected.headers, secretHeaders)
          },
        ],
        beforeRetry: [
          (error, count) =>
            exchangeLog(
              `→ ${error.response ? `HTTP ${error.response.statusCode}` : (error.code ?? error.message)}, retry ${count}`,
            ),
        ],
      },
    }
    const pending = got(url, gotOptions)
    let answering = false
    pending.on('request', (outgoing: ClientRequest) => {
      answering = false
      outgoing.once('response', () => {
        answering = true
      })
      watchDeparture(outgoing, () => {
        sent = true
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
    let givenUp: PanelctlError | undefined
    function giveUp(reason: PanelctlError) {
      givenUp ??= reason
      pending.cancel()
    }
    pending.on('downloadProgress', ({transferred}) => {
      if (transferred > LARGEST_BODY)
        giveUp(badResponse(call, `with more than ${LARGEST_BODY / 1024 / 1024} MiB`))
    })

    const answered = options.waiting?.(`waiting for ${url.host}`)
    // At once: after an interruption the process may not live to see this function end.
    const interrupted = () => {
      answered?.()
      if (call.writes && sent) options.warn(interruptedWrite(call))
    }
    signal?.addEventListener('abort', interrupted, {once: true})
    try {
      const response = await pending
      throwRefusal()
      exchangeLog(`→ HTTP ${response.statusCode}, ${response.rawBody.length} bytes`)
      return {
        answer: readAnswer(call, url, response, {
          credential: request.anonymous ? undefined : sessionHeaders ? 'session' : credential?.kind,
          keep: request.keepBytes,
          secretsSeen,
        }),
        call,
      }
    } catch (error) {
      if (error instanceof PanelctlError) throw error
      if (givenUp) throw givenUp
      signal?.throwIfAborted()
      if (!(error instanceof RequestError)) throw error
      throwRefusal()
      exchangeLog(`→ ${error.code}`)
      throw connectionFailure(call, error, {sent, answering, proxy, url})
    } finally {
      signal?.removeEventListener('abort', interrupted)
      answered?.()
    }

    /** Of a proxy: what it answers in the place of the panel is not the panel's. */
    function throwRefusal() {
      const status = proxy?.refusal()
      if (!proxy || status === undefined) return
      exchangeLog(`→ HTTP ${status} of the proxy`)
      throw proxyRefusal(call, proxy, status)
    }
  }

  async function open<Result>(channel: Channel<Result>): Promise<Conversation<Result>> {
    prepared ??= prepare(channel.panel)
    const [{target: found, credential, ca}, {openSocket}] = await Promise.all([
      prepared,
      import('./websocket.js'),
    ])
    const url = requestUrl(found.url, channel.path)
    const call = callOf({panel: channel.panel, method: 'GET', path: channel.path, repeatable: true}, url.host)
    const socket = await openSocket({
      call,
      url,
      headers: {
        'user-agent': options.userAgent,
        ...(credential ? channel.panel.authorize(credential) : {}),
      },
      credential: credential?.kind,
      tls: {rejectUnauthorized: !found.insecure, ...(ca ? {ca} : {})},
      timeout: options.timeout ?? DEFAULT_TIMEOUT,
      signal: options.signal,
      debug: options.debug,
    })
    return {
      ask: async question => parseResult(channel.result, judge(call, await socket.ask(question)), call),
      close: socket.close,
    }
  }

  async function askOnce<Result>(channel: Channel<Result>, question: string): Promise<Result> {
    const conversation = await open(channel)
    try {
      return await conversation.ask(question)
    } finally {
      conversation.close()
    }
  }

  const client: Client = {
    secretsSeen,
    send: exchange,
    open,
    async credentialKind(panel) {
      prepared ??= prepare(panel)
      return (await prepared).credential?.kind
    },
    async address(panel, path) {
      prepared ??= prepare(panel)
      return requestUrl((await prepared).target.url, path)
    },
    async askChannel(channel, question) {
      const answered = options.waiting?.(`waiting for the ${channel.panel.title}`)
      try {
        for (let attempt = 1; ; attempt++) {
          try {
            return await askOnce(channel, question)
          } catch (error) {
            const passes = error instanceof PanelctlError && error.code === 'UNREACHABLE'
            if (!passes || attempt > options.retries) throw error
            await sleep(retryDelay(attempt, undefined), undefined, {signal: options.signal}).catch(() =>
              options.signal.throwIfAborted(),
            )
          }
        }
      } finally {
        answered?.()
      }
    },
    call: async (endpoint, input, signal) => (await client.ask(endpoint, input, signal)).result,
    async ask(endpoint, input, signal) {
      const {
        path = {},
        query,
        body,
      } = input as {
        path?: Record<string, string | number>
        query?: Record<string, unknown>
        body?: unknown
      }
      const request: RawRequest = {
        panel: endpoint.panel,
        method: endpoint.method,
        path: fillPath(endpoint.path, path),
        query,
        body,
        timeout: endpoint.timeout,
        repeatable: endpoint.retry === 'reads',
        redirects: endpoint.redirects,
        lookWith: endpoint.lookWith === undefined ? undefined : fillCommand(endpoint.lookWith, path),
        tellsOnce: endpoint.tellsOnce,
        anonymous: endpoint.anonymous,
        acts: endpoint.acts,
        signal,
      }
      const {answer, call} = await exchange(request)
      const address = endpoint.redirects === 'result' ? redirectOf(answer) : undefined
      const result = parseResult(endpoint.result, address ?? judge(call, answer), call)
      return {result: result as never, date: answer.date}
    },
  }
  return client
}
