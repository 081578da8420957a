import {PanelctlError, reworded} from '../errors.js'
import {hasPart} from '../hint.js'
import {parseResult} from './answer.js'
import {askChannel, type Conversation, openChannel} from './channel.js'
import type {ClientOptions} from './client-options.js'
import {type Destination, destinationOf} from './destination.js'
import {
  type AnyEndpoint,
  type Channel,
  fillCommand,
  fillPath,
  type InputOf,
  type ResultOf,
  requestUrl,
} from './endpoint.js'
import type {Exchange} from './exchange.js'
import {interruptedWrite} from './failure.js'
import {generationSeen} from './generation.js'
import {judge} from './judge.js'
import {whetherKnown} from './known.js'
import {NoSuchRoute, type Panel} from './panel.js'
import {receive, type Taking} from './receive.js'
import {secretTexts} from './redact.js'
import {redirectOf, setsCookie} from './redirect.js'
import type {RawRequest} from './request.js'
import {asking, inSession} from './session.js'
import type {Target} from './target.js'

/** Calls endpoints: typed input in, the data without its envelope out. */
export interface Client {
  /**
   * @throws PanelctlError UNREACHABLE, UNCERTAIN, AUTH, NOT_FOUND, REJECTED or BAD_RESPONSE, as design §4 tables
   * @throws DryRun for a write under `--dry-run`
   */
  call<E extends AnyEndpoint>(endpoint: E, input: InputOf<E>, signal?: AbortSignal): Promise<ResultOf<E>>
  /** As `call`, with the panel's clock when it answered: what is ago there cannot be told by ours. */
  ask<E extends AnyEndpoint>(
    endpoint: E,
    input: InputOf<E>,
    signal?: AbortSignal,
  ): Promise<{readonly result: ResultOf<E>; readonly date: Date | undefined}>
  /** The kind of credential that goes along; undefined where none does. */
  credentialKind(panel: Panel): Promise<string | undefined>
  /** Which generation of the panel answers there, asked where no call has shown it; undefined where it has but one, or another answers. */
  generation(panel: Panel): Promise<string | undefined>
  /** The address of a path of the panel, for a person's browser. */
  address(panel: Panel, path: string): Promise<URL>
  /**
   * Connects to a WebSocket of the panel.
   * @throws PanelctlError as `call`, from the answer that came in place of the connection
   */
  open<Result>(channel: Channel<Result>): Promise<Conversation<Result>>
  /** Opens a channel, asks once and closes it; repeated as a read is. */
  askChannel<Result>(channel: Channel<Result>, question: string | undefined): Promise<Result>
  /** Sends one request and gives the answer as it came, whatever its status; `judge` says what it means. */
  send(request: RawRequest): Promise<Exchange>
  /** As `send`, as nobody, but that the body of HTTP 200 is handed to `take` as it comes. */
  receive(request: RawRequest, take: Taking): Promise<Exchange>
}

/** Calls an endpoint of whichever panel it belongs to: typed input in, data without envelope out. */
export type Api = Client['call']

/** A client whose requests end with the signal too. Its channels do not: nothing is looked at through them. */
export function endedBy(client: Client, signal: AbortSignal): Client {
  return {
    ...client,
    send: request => client.send({...request, signal}),
    receive: (request, take) => client.receive({...request, signal}, take),
    call: (endpoint, input) => client.call(endpoint, input, signal),
    ask: (endpoint, input) => client.ask(endpoint, input, signal),
  }
}

/** What comes with an endpoint, each only if it has it. */
interface Input {
  readonly path?: Readonly<Record<string, string | number>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
}

/** Joins a target and options into a client; nothing is read or connected before the first call. */
export function createClient(target: () => Promise<Target>, options: ClientOptions): Client {
  const {secretsSeen = new Set<string>()} = options
  const wire = {options, secretsSeen, arriving: new Map()}
  const {exchange, headersFor} = inSession(wire)
  const generations = generationSeen()
  const known = whetherKnown(exchange)
  let prepared: Promise<Destination> | undefined
  /** Whether the generation that was found was handed on. */
  let isKept = false

  async function prepare(panel: Panel, anonymous: boolean): Promise<Destination> {
    const destination = await destinationOf(await target(), panel, {anonymous, warn: options.warn})
    const {headers, credential} = destination
    for (const secret of [credential?.value ?? [], Object.values(headers)].flat()) options.sends?.(secret)
    return destination
  }

  function destined(panel: Panel): Promise<Destination> {
    prepared ??= prepare(panel, false)
    return prepared
  }

  /** The same with the session that its credential is good for. */
  async function admitted(panel: Panel) {
    const destination = await destined(panel)
    return {destination, session: await headersFor(panel, destination)}
  }

  /** Where a request goes as nobody, but for what stands before the panel. */
  async function asNobody(panel: Panel): Promise<Destination> {
    return {...(await (prepared ?? prepare(panel, true))), credential: undefined}
  }

  function keepSecret({query, body, secrets = []}: RawRequest): void {
    for (const secret of [...secretTexts([query, body]), ...secrets]) options.sends?.(secret)
  }

  async function send(request: RawRequest): Promise<Exchange> {
    keepSecret(request)
    if (!request.anonymous) return believed(request, await destined(request.panel))
    return exchange(request, await asNobody(request.panel))
  }

  /** Asks with it whether the panel knows us: beside it once the request has left, so that it costs no round trip more. */
  async function believed(request: RawRequest, destination: Destination): Promise<Exchange> {
    const asking = known.asking(request, destination)
    if (!asking) {
      const exchanged = await exchange(request, destination)
      known.answered(request, destination, exchanged.answer)
      return exchanged
    }
    const needed = new AbortController()
    let asked: Promise<void> | undefined
    const ask = () => {
      asked ??= asking.isKnown(needed.signal)
      // Whatever comes of it counts only beside an answer.
      asked.catch(() => {})
    }
    try {
      if (asking.when === 'before') {
        await asking.isKnown(needed.signal)
        return await exchange(request, destination)
      }
      const isBeside = asking.when === 'beside'
      const exchanged = await exchange(isBeside ? {...request, departed: ask} : request, destination)
      const {answer} = exchanged
      const {guests} = request.panel
      // A guest's write is refused.
      const isOfGuest = request.repeatable ? guests?.mayGet(answer) : guests?.refuses?.(answer)
      if (isOfGuest || setsCookie(answer.headers, request.redirects)) {
        ask()
        await asked
      }
      return exchanged
    } finally {
      needed.abort()
    }
  }

  async function generation(panel: Panel): Promise<string | undefined> {
    const known = generations.known()
    if (known !== undefined) return known
    const destination = await prepare(panel, true)
    return panel.generations?.probe(asking(panel, request => exchange(request, destination)))
  }

  /** Refuses a call of another generation than the panel's, and finds out which that is where it has no such route. */
  async function inGeneration<Result>(
    call: Pick<AnyEndpoint, 'panel' | 'generations'>,
    send: () => Promise<Result>,
  ): Promise<Result> {
    if (!call.generations) return send()
    const {generations: expected, keepGeneration} = await destined(call.panel)
    generations.refuse(call, expected)
    // Where it cannot be found or kept, the next run asks again.
    const keep = async () => {
      if (isKept) return
      isKept = true
      const found = keepGeneration && (await generation(call.panel).catch(() => undefined))
      if (found !== undefined) await keepGeneration?.(found)
    }
    try {
      const result = await send()
      generations.taken(call)
      if (expected && !call.generations.some(name => expected.includes(name))) await keep()
      return result
    } catch (error) {
      if (!(error instanceof NoSuchRoute)) throw error
      const failure = generations.missing(call, error)
      if (failure !== error) await keep()
      throw failure
    }
  }

  function ask<E extends AnyEndpoint>(endpoint: E, input: InputOf<E>, signal?: AbortSignal) {
    return inGeneration(endpoint, () =>
      askOnce(endpoint, input, signal).catch(async (error: unknown) => {
        throw await withItsHint(error, endpoint)
      }),
    )
  }

  /** A refusal of credentials, with the hint of the generation that refused where that has its own. */
  async function withItsHint(
    error: unknown,
    {panel, generations: [only, ...others] = []}: AnyEndpoint,
  ): Promise<unknown> {
    const {generations: known, credentialHint} = panel
    if (!known || !(error instanceof PanelctlError) || error.code !== 'AUTH') return error
    if (!hasPart(error.hint, credentialHint)) return error
    const found = others.length === 0 ? only : await generation(panel).catch(() => undefined)
    const hint = found === undefined ? undefined : known.credentialHints[found]
    return hint === undefined ? error : reworded(error, {hint})
  }

  async function askOnce<E extends AnyEndpoint>(endpoint: E, input: InputOf<E>, signal?: AbortSignal) {
    const {path = {}, query, body} = input as Input
    const {answer, call} = await send({
      ...endpoint,
      path: fillPath(endpoint.path, path),
      query,
      body,
      repeatable: endpoint.retry === 'reads',
      lookWith: endpoint.lookWith === undefined ? undefined : fillCommand(endpoint.lookWith, path),
      signal,
    })
    const address = setsCookie(answer.headers, endpoint.redirects) ? redirectOf(answer)?.href : undefined
    const judged = address ?? judge(call, answer)
    if (call.writes) options.accepted?.(interruptedWrite(call, 'was accepted'))
    const result = parseResult(endpoint.result, judged, call, answer)
    return {result: result as never, date: answer.date}
  }

  return {
    send,
    async receive(request, take) {
      keepSecret(request)
      return receive(request, await asNobody(request.panel), wire, take)
    },
    ask,
    call: async (endpoint, input, signal) => (await ask(endpoint, input, signal)).result,
    generation,
    open: channel => inGeneration(channel, () => openChannel(channel, () => admitted(channel.panel), wire)),
    askChannel: (channel, question) =>
      inGeneration(channel, () => askChannel(channel, question, () => admitted(channel.panel), wire)),
    credentialKind: async panel => (await destined(panel)).credential?.kind,
    address: async (panel, path) => requestUrl((await destined(panel)).url, path),
  }
}
