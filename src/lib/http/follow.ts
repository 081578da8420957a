import {setTimeout as sleep} from 'node:timers/promises'
import {PanelctlError} from '../errors.js'
import type {Conversation} from './channel.js'
import {retryDelay} from './retry.js'

export interface FollowOptions {
  /** Milliseconds between two questions. */
  readonly interval: number
  readonly signal: AbortSignal
  /** Told once for each gap, when it begins and when it has ended. */
  lost(error: PanelctlError): void
  found(): void
  /** For tests: how time passes. */
  readonly time?: Time
}

export interface Time {
  /** Milliseconds on a clock that never goes back. */
  now(): number
  wait(milliseconds: number, signal: AbortSignal): Promise<void>
}

const realTime: Time = {
  now: () => performance.now(),
  wait: (milliseconds, signal) =>
    sleep(milliseconds, undefined, {signal}).catch(() => signal.throwIfAborted()),
}

/** A connection that held this long was a good one: the next that fails is the first again. */
const HEALTHY_SPELL = 10_000

/**
 * Asks the same again and again. A connection that ends is opened anew, after waits that grow up to 8 s and begin at the
 * shortest again after a healthy spell; only a failure that time does not heal ends it, and one before the first answer.
 */
export async function* follow<Result, Value>(
  open: () => Promise<Conversation<Result>>,
  ask: (conversation: Conversation<Result>) => Promise<Value>,
  {interval, signal, lost, found, time = realTime}: FollowOptions,
): AsyncGenerator<Value, never> {
  let attempt = 0
  let worked = false
  let gap = false
  for (;;) {
    let since = time.now()
    try {
      const conversation = await open()
      since = time.now()
      try {
        for (;;) {
          const value = await ask(conversation)
          if (gap) found()
          gap = false
          worked = true
          yield value
          await time.wait(interval, signal)
        }
      } finally {
        conversation.close()
      }
    } catch (error) {
      if (!worked || !(error instanceof PanelctlError) || error.code !== 'UNREACHABLE') throw error
      if (!gap) lost(error)
      gap = true
      if (time.now() - since >= HEALTHY_SPELL) attempt = 0
    }
    attempt += 1
    await time.wait(retryDelay(attempt, undefined), signal)
  }
}
