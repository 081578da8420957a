import {mayHaveBeenDone, PanelctlError, reworded} from '../../errors.js'
import {type Hint, hint} from '../../hint.js'

/** A write: it is sent once, whatever comes back. */
export interface Write<Answer> {
  send(): Promise<Answer>
  /** The command that shows whether it was done. */
  readonly lookWith: Hint
}

/** What came of sending it: the panel's yes, or the failure after which only a look can tell. */
export type Sent<Answer> =
  | {readonly answer: Answer; readonly failure?: undefined}
  | {readonly answer?: undefined; readonly failure: PanelctlError}

/** What a person does before anything else about a write in doubt. */
function lookFirst(lookWith: Hint): Hint {
  return hint`look before you repeat it: ${lookWith}`
}

/**
 * A write that may have been done, as the one failure that says so (exit 7): an answer that nobody can read leaves as
 * much open as none at all.
 */
function asUncertain(error: PanelctlError, lookWith: Hint): PanelctlError {
  if (error.code === 'UNCERTAIN') return error
  return new PanelctlError('UNCERTAIN', `${error.message}; it may have been done`, {
    hint: lookFirst(lookWith),
    panel: error.panel,
    status: error.status,
    cause: error,
  })
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
export async function sendOnce<Answer>({send, lookWith}: Write<Answer>): Promise<Sent<Answer>> {
  try {
    return {answer: await send()}
  } catch (error) {
    if (!(error instanceof PanelctlError)) throw error
    if (mayHaveBeenDone(error)) return {failure: asUncertain(error, lookWith)}
    if (error.code !== 'REJECTED' && error.code !== 'NOT_FOUND') throw error
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

/** What is said of a write in doubt that a look shows to be done. */
export function doneAfterAll({status}: PanelctlError, shown: string): string {
  const answer =
    status !== undefined && status >= 500 ? `the panel failed (HTTP ${status})` : 'no usable answer came'
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

/**
 * Sends a write; in doubt one look tells whether it was done.
 * @returns the panel's answer, undefined where only the look says that it was done
 * @throws PanelctlError UNCERTAIN where the look does not say so either, else as `send`
 */
export async function settle<Answer>(
  write: Write<Answer> & {isDone(): Promise<boolean>},
): Promise<Answer | undefined> {
  const sent = await sendOnce(write)
  if (!sent.failure) return sent.answer
  if (sent.failure.code === 'UNCERTAIN' && (await lookOnce(write.isDone))) return undefined
  throw sent.failure
}
