import {PanelctlError, reworded} from '../../errors.js'
import {type Hint, hint} from '../../hint.js'

/** What came of sending it: the panel's yes, or the failure after which only a look can tell. */
export type Sent<Answer> =
  | {readonly answer: Answer; readonly failure?: undefined}
  | {readonly answer?: undefined; readonly failure: PanelctlError}

/** What a person does before anything else about a write in doubt. */
function lookFirst(lookWith: Hint): Hint {
  return hint`look before you repeat it: ${lookWith}`
}

/** Whether a write in doubt was answered, though not in a way that anybody can read: the panel is not at it any more. */
export function isAnswered({code, cause}: PanelctlError): boolean {
  return code === 'UNCERTAIN' && cause instanceof PanelctlError && cause.code === 'BAD_RESPONSE'
}

/**
 * Sends it. A refusal is given back as well as doubt: versions of OpenIDCS say no to what they have done
 * (contracts/openidcs.md 2.3 no. 20 and 21), so that each kind of write decides whether to look then.
 * @throws what else ended it, after which nothing was done
 */
export async function sendOnce<Answer>(send: () => Promise<Answer>): Promise<Sent<Answer>> {
  try {
    return {answer: await send()}
  } catch (error) {
    if (!(error instanceof PanelctlError)) throw error
    if (!['UNCERTAIN', 'REJECTED', 'NOT_FOUND'].includes(error.code)) throw error
    return {failure: error}
  }
}

/** One look after a write; undefined where it fails, which takes nothing away from what was done. */
export async function lookOnce<Seen>(
  look: () => Promise<Seen>,
  failed: (error: PanelctlError) => void = () => {},
): Promise<Seen | undefined> {
  try {
    return await look()
  } catch (error) {
    if (!(error instanceof PanelctlError)) throw error
    failed(error)
    return undefined
  }
}

/** What is said of a look that failed after the panel's yes. */
export function cannotBeLookedAt(reason: string): string {
  return `it was done, but cannot be looked at: ${reason}`
}

/** What is said of a write in doubt that a look shows to be done. */
export function doneAfterAll({status}: PanelctlError, shown: string): string {
  const answer =
    status !== undefined && status >= 500 ? `the answer was HTTP ${status}` : 'no usable answer came'
  return `${answer}, but ${shown}`
}

/** The failure of a write that is not known to be done: what more is known of it comes behind. */
export function afterLook(failure: PanelctlError, shown: string, lookWith: Hint): PanelctlError {
  const next = failure.code === 'UNCERTAIN' ? lookFirst(lookWith) : (failure.hint ?? lookWith)
  return reworded(failure, {message: `${failure.message}; ${shown}`, hint: next})
}

/** The panel said yes to what a look shows not to be so, or to what cannot be looked at. */
export function notAsSaid(message: string, lookWith: Hint, cause?: PanelctlError): PanelctlError {
  const hint = lookFirst(lookWith)
  return new PanelctlError('UNCERTAIN', message, {hint, panel: 'openidcs', status: cause?.status, cause})
}

/** A write after which one look tells whether it was done. */
export interface Settled {
  send(): Promise<unknown>
  /** Undefined where this version does not tell. */
  isDone(): Promise<boolean | undefined>
  /** What is said where the panel says yes, and the look shows that it was not done. */
  readonly denied: string
  readonly lookWith: Hint
  warn(text: string): void
}

/**
 * Sends a write, and looks once: panels say yes to what they have not done, and an answer may be lost.
 * @throws PanelctlError UNCERTAIN where the look does not show it, else as `send`
 */
export async function settle({send, isDone, denied, lookWith, warn}: Settled): Promise<void> {
  const {failure} = await sendOnce(send)
  if (failure && failure.code !== 'UNCERTAIN') throw failure
  const done = await lookOnce(isDone, ({message}) => {
    if (!failure) warn(cannotBeLookedAt(message))
  })
  if (failure && !done) throw failure
  if (done === false) throw notAsSaid(denied, lookWith)
}
