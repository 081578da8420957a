import {PanelctlError, reworded} from '../../errors.js'
import {type Hint, hint} from '../../hint.js'

/** What came of sending it: the panel's yes, or the failure after which only a look can tell. */
type Sent<Answer> =
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

/** One look; undefined where it fails, which takes nothing away from what was done. */
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

function isRefusal(failure: PanelctlError | undefined): boolean {
  return failure !== undefined && failure.code !== 'UNCERTAIN'
}

/** What there is of a thing; null where there is none. */
export async function ifThere<Thing>(look: () => Promise<Thing>): Promise<Thing | null> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof PanelctlError && error.code === 'NOT_FOUND') return null
    throw error
  }
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
interface Write<Answer, Seen> {
  /** What the panel's yes says: that it `deleted web01`. */
  readonly claim: string
  send(): Promise<Answer>
  look(): Promise<Seen>
  /** Undefined where this version does not tell. May throw what a look shows besides, and is worse. */
  isDone(seen: Seen, failure: PanelctlError | undefined): boolean | undefined
  /** What a look shows where it was done: `the list has it`. */
  readonly done: string
  /** What a look shows where it was not. */
  otherwise(seen: Seen, failure: PanelctlError | undefined): string
  readonly lookWith: Hint
  /** Whether a look tells more of a yes or of this failure: of a yes and of doubt, where nothing else is said. */
  looksAfter?(failure: PanelctlError | undefined): boolean
  /**
   * What a refusal is told as, by whether it was done all the same where a look tells that; undefined where it is none, as
   * it was done.
   */
  refused?(failure: PanelctlError, isDone?: boolean): PanelctlError | undefined
  /** The result is what a look shows, so that there has to be one. */
  readonly isShown?: true
  warn(text: string): void
}

/** What came of a write that was done: what was answered and what was seen of it, as far as either is known. */
interface Settled<Answer, Seen> {
  readonly answer?: Answer | undefined
  readonly seen?: Seen | undefined
  /** It was done in spite of that. */
  readonly failure?: PanelctlError | undefined
}

/**
 * Sends a write once, and looks once: panels say yes to what they have not done and no to what they have, and an answer
 * may be lost.
 * @throws PanelctlError as it failed, with what a look shows; UNCERTAIN where that is not what the panel said yes to
 */
export async function settle<Answer, Seen>(write: Write<Answer, Seen>): Promise<Settled<Answer, Seen>> {
  const {claim, send, look, isDone, done, otherwise, lookWith, warn} = write
  const {looksAfter = failure => !isRefusal(failure), refused = failure => failure} = write
  const {answer, failure} = await sendOnce(send)
  const seen = !looksAfter(failure)
    ? undefined
    : await lookOnce(look, error => {
        if (failure) return
        const said = `cannot be looked at: ${error.message}`
        // The look's own code (3, 6 or 10) would say that nothing was done.
        if (write.isShown) throw notAsSaid(`the panel says that it ${claim}, but it ${said}`, lookWith, error)
        warn(`it was done, but ${said}`)
      })
  if (seen === undefined) {
    if (failure) throw (isRefusal(failure) && refused(failure)) || failure
    return {answer}
  }
  const known = isDone(seen, failure)
  if (!failure) {
    if (known === false)
      throw notAsSaid(`the panel says that it ${claim}, but ${otherwise(seen, failure)}`, lookWith)
    return {answer, seen}
  }
  if (!isRefusal(failure)) {
    if (!known) throw afterLook(failure, otherwise(seen, failure), lookWith)
    const answered =
      (failure.status ?? 0) >= 500 ? `the answer was HTTP ${failure.status}` : 'no usable answer came'
    warn(`${answered}, but ${done}`)
    return {seen, failure}
  }
  const told = refused(failure, known === true)
  if (told) throw known && told === failure ? afterLook(failure, `${done} all the same`, lookWith) : told
  return {seen, failure}
}
