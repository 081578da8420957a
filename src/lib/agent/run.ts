import type {Connection} from '../config/connection/resolve.js'
import type {Environment} from '../config/environment.js'
import type {Client} from '../http/client.js'
import type {AgentKind} from './agent-kind.js'
import type {Machine} from './machine.js'

/** What becomes of a node where it, or one that is taken for it, is on the panel already. */
export type IfExists = 'resume' | 'skip' | 'fail' | 'create'

/** What the flow has at hand: a panel, a machine, and somebody to tell how it goes. It knows no terminal. */
export interface AgentRun {
  readonly kind: AgentKind
  readonly client: Client
  readonly panel: Pick<Connection, 'url' | 'caFile'>
  readonly machine: Machine
  readonly env: Environment
  readonly stateDir: string
  readonly signal: AbortSignal
  /** Tells of progress, one line each. */
  note(text: string): void
  warn(text: string): void
  readonly ifExists: IfExists
  /** How long a node may take to report, in milliseconds; 0 does not wait. */
  readonly wait: number
  readonly skipPreflight: boolean
  readonly showSecrets: boolean
  /** Of a node that is there already, from `--secret-file`. */
  readonly secret: string | undefined
}

const steps = ['gather', 'preflight', 'once', 'register', 'download', 'run', 'verify', 'result'] as const

/** Tells which of the eight steps of design §8 this is. */
export function tell(run: AgentRun, step: (typeof steps)[number], text: string): void {
  run.note(`[${steps.indexOf(step) + 1}/${steps.length}] ${step}: ${text}`)
}
