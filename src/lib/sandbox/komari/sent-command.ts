import type {Instant} from './instant.js'

/** What one node answers, and when. */
export interface CommandResult {
  readonly client: string
  readonly result: string
  readonly exitCode: number
  readonly createdAt: Instant
  /** Undefined where it never does. */
  readonly finishedAt: Instant | undefined
}

/** A command as the panel keeps it. */
export interface SentCommand {
  readonly id: string
  readonly command: string
  readonly clients: readonly string[]
  readonly results: readonly CommandResult[]
}
