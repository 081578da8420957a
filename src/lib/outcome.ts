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
