import {setTimeout as sleep} from 'node:timers/promises'
import {PanelctlError} from '../errors.js'
import {parseResult} from './answer.js'
import type {Destination} from './destination.js'
import {type Channel, requestUrl} from './endpoint.js'
import {DEFAULT_TIMEOUT, type Wire} from './exchange.js'
import {callOf} from './failure.js'
import {judge} from './judge.js'
import {NotUpgraded} from './not-upgraded.js'
import {type Headers, lettingIn, shownHeaders} from './request-headers.js'
import {retryDelay} from './retry.js'

/** An open channel. */
export interface Conversation<Result> {
  /**
   * Sends a frame and gives the data of the one that answers it, or of the next where nothing is to be asked. One at a time.
   * @throws PanelctlError UNREACHABLE where the connection ends or no frame comes in time, else as `call`
   */
  ask(question: string | undefined): Promise<Result>
  close(): void
}

/** Where a channel leads, and the session that lets it in. */
interface Admitted {
  readonly destination: Destination
  readonly session: Headers | undefined
}

/**
 * Connects to a WebSocket of the panel; what that takes is loaded only then.
 * @throws PanelctlError as a call, from the answer that came in place of the connection
 */
export async function openChannel<Result>(
  {panel, path, result, clock}: Channel<Result>,
  admitted: () => Promise<Admitted>,
  {options, secretsSeen}: Wire,
): Promise<Conversation<Result>> {
  const {openSocket} = await import('./websocket.js')
  const {destination, session} = await admitted()
  const {url: base, credential, tls} = destination
  const url = requestUrl(base, path)
  const headers = {'user-agent': options.userAgent, ...lettingIn(panel, destination, session)}
  const call = callOf({panel, method: 'GET', writes: false, lookWith: undefined}, base, url)
  const timeout = options.timeout ?? DEFAULT_TIMEOUT
  const socket = await openSocket({
    call,
    url,
    headers,
    shownHeaders: shownHeaders(headers, destination),
    credential: credential && session ? 'session' : credential?.kind,
    secretsSeen,
    tls,
    timeout,
    // Where no WebSocket gets through, what comes in its place needs time as well.
    patience: timeout / 2,
    signal: options.signal,
    debug: options.debug,
  })
  return {
    ask: async question => {
      const answer = await socket.ask(question)
      const data = parseResult(result, judge(call, answer), call, answer)
      if (clock) options.told?.(clock(data))
      return data
    },
    close: socket.close,
  }
}

/** Opens a channel, asks once and closes it; repeated as a read is. */
export async function askChannel<Result>(
  channel: Channel<Result>,
  question: string | undefined,
  admitted: () => Promise<Admitted>,
  wire: Wire,
): Promise<Result> {
  const {retries, signal, waiting} = wire.options
  const answered = waiting?.(`waiting for the ${channel.panel.title}`)
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        const conversation = await openChannel(channel, admitted, wire)
        try {
          return await conversation.ask(question)
        } finally {
          conversation.close()
        }
      } catch (error) {
        const passes = error instanceof PanelctlError && error.code === 'UNREACHABLE'
        const isLate = error instanceof NotUpgraded && error.late
        if (!passes || isLate || attempt > retries) throw error
        await sleep(retryDelay(attempt, undefined), undefined, {signal}).catch(() => signal.throwIfAborted())
      }
    }
  } finally {
    answered?.()
  }
}
