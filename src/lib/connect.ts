import type {ConnectionInput} from './config/connection/connection-parts.js'
import {type Connection, resolveConnection} from './config/connection/resolve.js'
import type {Environment} from './config/environment.js'
import {configPaths} from './config/files/paths.js'
import {keptSessions} from './config/secrets/kept-sessions.js'
import {PanelctlError, usageError} from './errors.js'
import {parseDuration} from './flags/duration.js'
import {type Client, createClient} from './http/client.js'
import type {ClientOptions} from './http/client-options.js'
import type {Panel} from './http/panel.js'
import type {Target} from './http/target.js'

/** Who asks a panel: a run of the program, or a script. */
export interface Asker {
  readonly env: Environment
  /** Of panelctl. */
  readonly version: string
  now(): Date
  /** True where nobody can be asked: what may want a password of its own, as a keychain does, fails. */
  readonly unattended?: true | undefined
}

/**
 * Which panel, and as whom, as flags, environment and contexts say.
 * @throws as resolveConnection
 */
export function connectionOf(
  panel: Panel,
  flags: ConnectionInput['flags'],
  {env, unattended}: Asker,
): Promise<Connection> {
  const files = configPaths(env)
  return resolveConnection({
    panel,
    flags,
    env,
    unattended,
    get configDir() {
      return files.configDir
    },
  })
}

/** A client that says whose it is, and keeps its sessions for later runs. */
export function clientOf(
  target: () => Promise<Target>,
  {env, version, now}: Asker,
  options: Omit<ClientOptions, 'userAgent' | 'sessions'>,
): Client {
  const userAgent = `panelctl/${version}`
  const sessions = keptSessions(() => configPaths(env).stateDir, now)
  return createClient(target, {...options, userAgent, sessions})
}

/**
 * Milliseconds that an attempt may take, as said, else as `PANELCTL_TIMEOUT` has it.
 * @throws PanelctlError USAGE for what is no duration there
 */
export function timeoutOf(said: number | undefined, env: Environment): number | undefined {
  if (said !== undefined || !env.PANELCTL_TIMEOUT) return said
  try {
    return parseDuration(env.PANELCTL_TIMEOUT)
  } catch (error) {
    if (!(error instanceof PanelctlError)) throw error
    throw usageError(`PANELCTL_TIMEOUT: ${error.message}`, error.hint)
  }
}

/** A `Date` has whole seconds and is as old as its way took: less than this is no difference between two clocks. */
const UNCERTAINTY = 3000

/** The panel's clock, once it has told it; ours until then. */
export function panelClock({now}: Pick<Asker, 'now'>) {
  /** Milliseconds that it is ahead of ours. */
  let skew = 0
  return {
    told(date: Date): void {
      const difference = date.getTime() - now().getTime()
      // No time at all, as of a number that is too large for one.
      if (Number.isNaN(difference)) return
      skew = Math.abs(difference) < UNCERTAINTY ? 0 : difference
    },
    now: () => new Date(now().getTime() + skew),
  }
}
