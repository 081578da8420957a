import {setTimeout as sleep} from 'node:timers/promises'
import type {Surroundings} from '../command/command.js'
import {PanelctlError, reworded} from '../errors.js'
import {flag} from '../flags/flags.js'
import {hint, type PanelctlCommand} from '../hint.js'
import type {Look, Waiting} from '../outcome.js'
import {isDumb} from '../output/colour.js'
import {printable} from '../output/printable.js'
import {showProgress} from '../output/progress.js'

/** The flags of an action that can be waited for. */
export const waitFlags = {
  wait: flag.boolean({summary: 'wait until it is so, and print what there is then'}),
  'wait-if-told': flag.boolean({summary: 'as --wait; where the panel does not tell, warn and go on'}),
  'wait-timeout': flag.duration({summary: 'longest time for --wait', default: '5m'}),
}

/** What is to be waited for, found before anything is sent; with `--wait-if-told` nothing where that is never told. */
export async function waitingIfAsked<Waiting>(
  {
    flags,
    speech,
  }: Pick<Surroundings, 'speech'> & {
    readonly flags: {readonly wait?: boolean; readonly 'wait-if-told'?: boolean}
  },
  find: () => Promise<Waiting> | undefined,
): Promise<Waiting | undefined> {
  if (!flags.wait && !flags['wait-if-told']) return undefined
  try {
    return await find()
  } catch (error) {
    if (flags.wait || !(error instanceof PanelctlError) || error.reason !== 'untold') throw error
    speech.warn(`${error.message.replace(/; nothing was sent$/, '')}; going on without`)
    return undefined
  }
}

/** What came of waiting: the thing as it was last seen, undefined where it never was; a problem where time ran out. */
export interface Waited<Thing> {
  readonly seen: Look<Thing> | undefined
  readonly problem: PanelctlError | undefined
}

interface WaitOptions<Thing> {
  /** What the action gave. */
  readonly accepted: Thing
  /** Milliseconds. */
  readonly timeout: number
  readonly quiet: boolean
  /** Aborted when the time is up. Looks take its signal, so that none of them outlives the wait. */
  readonly ended: AbortController
}

const wasAccepted = 'what was asked for was accepted'

/**
 * What ended the looking. Its code stays, as 3, 4, 5 and 10 say what the look met and none of them that nothing was
 * done; 6, which does promise that of a write, never ends it.
 */
function afterAcceptance(error: PanelctlError, lookWith: PanelctlCommand): PanelctlError {
  return reworded(error, {
    message: `${error.message}; ${wasAccepted}`,
    hint: error.hint ?? hint`look later: ${lookWith}`,
  })
}

// Soon at first: most actions are quick.
const FIRST_PAUSE = 250
const LONGEST_PAUSE = 2000

/**
 * Looks again and again until the state is reached. A look that cannot reach the panel is reported once and tried
 * again; any other failure ends it.
 * @throws PanelctlError REJECTED where the thing ends in a state of failure
 */
export async function waitFor<Thing>(
  {env, speech, signal, io}: Surroundings,
  waiting: Waiting<Thing>,
  {accepted, timeout, quiet, ended}: WaitOptions<Thing>,
): Promise<Waited<Thing>> {
  const stop = AbortSignal.any([signal, ended.signal])
  const timer = setTimeout(() => ended.abort(), timeout)
  const shows = io.stderr.isTTY === true && !isDumb(env) && !speech.asJson && !quiet
  const done = shows ? showProgress(io.stderr, printable(`waiting for ${waiting.goal}`)) : () => {}
  const timeUp = new Promise<undefined>(resolve => {
    ended.signal.addEventListener('abort', () => resolve(undefined), {once: true})
  })
  let seen: Look<Thing> | undefined
  let seenAt = 0
  let isAway = false
  let warned = false
  let pause = Math.min(FIRST_PAUSE, timeout / 20)
  try {
    while (!stop.aborted) {
      try {
        // A look may take longer than there is time; what it would show is then not waited for.
        const look = await Promise.race([waiting.look(accepted), timeUp])
        if (look === undefined) break
        seen = look
        seenAt = performance.now()
        isAway = false
      } catch (error) {
        // Also where the deadline has cut a look off.
        if (stop.aborted) break
        if (!(error instanceof PanelctlError)) throw error
        if (error.code !== 'UNREACHABLE') throw afterAcceptance(error, waiting.lookWith)
        if (!warned) speech.warn(`${error.message}; looking again`)
        warned = true
        isAway = true
      }
      if (seen?.state === 'reached') return {seen, problem: undefined}
      if (seen?.state === 'failed') {
        throw new PanelctlError(
          'REJECTED',
          `waited for ${waiting.goal}, and it is ${seen.word}; ${wasAccepted}`,
          {hint: waiting.lookWith},
        )
      }
      await sleep(pause, undefined, {signal: stop}).catch(() => {})
      pause = Math.min(pause * 2, LONGEST_PAUSE, timeout / 20)
    }
    signal.throwIfAborted()
  } finally {
    clearTimeout(timer)
    done()
  }
  const age = Math.round((performance.now() - seenAt) / 1000)
  const last = isAway ? ` when the panel last answered, ${age} s ago, and it cannot be reached now` : ''
  const state = seen ? `it ${isAway ? 'was' : 'is'} ${seen.word}${last}` : 'nothing could be seen of it'
  return {
    seen,
    problem: new PanelctlError(
      'WAIT_TIMEOUT',
      `waited ${timeout / 1000} s for ${waiting.goal}, and ${state}; ${wasAccepted}`,
      {hint: waiting.instead ?? hint`look later: ${waiting.lookWith}`},
    ),
  }
}
