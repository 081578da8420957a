import type {PanelctlError} from '../errors.js'
import type {Hint, PanelctlCommand} from '../hint.js'
import type {SessionKeeper} from './kept-session.js'

/** How often a read is repeated after its first attempt, where nobody says. */
export const RETRIES = 3

/** How a client goes about its requests: what the flags of a run say, and where it tells what happens. */
export interface ClientOptions {
  /** Milliseconds for an attempt, where the user said; else the endpoint's or 30 s. */
  readonly timeout: number | undefined
  /** How often a read is repeated after its first attempt. */
  readonly retries: number
  /** Shows the request of a write instead of sending it. */
  readonly dryRun: boolean
  readonly userAgent: string
  /** Where sessions are kept that later runs may use. */
  readonly sessions?: SessionKeeper
  readonly signal: AbortSignal
  /** True where the command acts on the signal itself and may wait for an answer first. */
  readonly outlivesSignal?: boolean
  warn(text: Hint): void
  /** Takes the panel's clock from each answer that tells it. */
  told?(date: Date): void
  /** Takes what is wrong with an answer that is not the panel's of now; throws where that is not to be believed. */
  stale?(failure: PanelctlError): void
  /** Takes which of the panel's secret fields came in answers: what there is to mask. */
  readonly secretsSeen?: Set<string>
  /** Takes each secret that goes along with a request, so that no message repeats it. */
  sends?: ((secret: string) => void) | undefined
  /** Is told of each write before it leaves, and how to look at what came of it. */
  writes?(lookWith: PanelctlCommand | undefined): void
  /** Takes what is to be said of a write that the panel accepted, should a signal end the run before it is told. */
  accepted?(text: Hint): void
  /** Shows that an answer is being waited for, and gives what ends that. */
  waiting?: ((text: string) => () => void) | undefined
  /** Takes a line about each attempt; absent without `--debug`. */
  readonly debug?: ((line: string) => void) | undefined
}
