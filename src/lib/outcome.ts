import type {PanelctlError} from './errors.js'
import type {Hint, PanelctlCommand} from './hint.js'

// What a write comes to, as panels give it and the shapes of commands take it.

/** A result that is worth printing although something is missing: printed, and then the problem ends the command. */
export interface Unfinished<Result> {
  readonly result: Result
  readonly problem: PanelctlError
}

/**
 * A result for which nothing had to change: `unneeded` is said instead of what was done. It is waited for only where
 * there is none yet.
 */
export interface Unneeded<Result> {
  readonly result: Result
  readonly unneeded: string
}

/** What one look at a thing shows. */
export interface Look<Thing> {
  readonly thing: Thing
  /** `failed` is a state that nothing leads out of by itself. */
  readonly state: 'reached' | 'pending' | 'failed'
  /** The state in the panel's word, for messages. */
  readonly word: string
}

/** What is waited for, once the action is accepted. */
export interface Waiting<Thing> {
  /** `web1 to be STARTED`. */
  readonly goal: string
  /** Looks once, with reads only, at what the action gave. */
  look(accepted: Thing): Promise<Look<Thing>>
  /** The command to look with later. */
  readonly lookWith: PanelctlCommand
  /** The command that gets there, where what was sent may never do. */
  readonly instead?: Hint | undefined
}

/** What a command came to that ran on another machine. */
export interface Ran {
  /** What it wrote, as it came; all of it is stdout where a panel joins the two. */
  readonly stdout: string
  readonly stderr: string
  /** Undefined where it has none: a signal ended it, or it has not ended yet. */
  readonly code: number | undefined
  /** All that is told of it, by the panel's names. */
  readonly told: object
  /** What is wrong besides its code: it was ended, or not all is there. */
  readonly problem?: PanelctlError | undefined
  /** What is not sure about it. */
  readonly doubt?: Hint | undefined
}

/** What is said of output in which something stands for bytes that JSON cannot carry; `instead` is how they arrive. */
export function replacedBytes(texts: readonly string[], instead: string): string | undefined {
  return texts.some(text => text.includes('\ufffd'))
    ? `what is not UTF-8 in its output arrives as U+FFFD: ${instead}`
    : undefined
}
