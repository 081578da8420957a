import type {Connection} from '../config/connection/resolve.js'
import type {Arguments, Flags, ValuesOf} from '../flags/flags.js'
import type {Api, Client} from '../http/client.js'
import type {Panel} from '../http/panel.js'
import type {Target} from '../http/target.js'
import type {Format} from '../output/formats.js'
import {type GlobalValues, globalFlags, panelFlags} from './global-flags.js'
import type {Environment, Io} from './io.js'
import type {Preferred} from './preferences.js'
import type {Speech} from './speech.js'

/** What a command may have to know of the others. */
export interface Commands {
  readonly ids: readonly string[]
  /** The names that `--columns` of a command takes. */
  columnsOf(id: string): Promise<readonly string[]>
}

/** What a run of a command has at hand, besides its own arguments and flags. */
export interface Surroundings {
  readonly id: string
  readonly io: Io
  readonly env: Environment
  readonly root: string
  /** What runs: `{version: '0.1.0', platform: 'linux-x64', node: '22.1.0'}`. */
  readonly program: {readonly version: string; readonly platform: string; readonly node: string}
  readonly format: Format
  /** True where nobody asked for the format on the command line, so that one which does not fit is left for a table. */
  readonly formatGivesWay: boolean
  /** What config.yaml prefers. */
  readonly preferred: Preferred
  readonly commands: Commands
  readonly speech: Speech
  readonly api: Api
  /**
   * The folder of contexts and secrets.
   * @throws PanelctlError USAGE where there is neither a home folder nor a setting
   */
  configDir(): string
  /** The connection to a panel as flags, environment and contexts say, or as one context says. */
  connect(panel: Panel, context?: string): Promise<Connection>
  /** The client of a panel; for another target than that connection where one is given. */
  client(panel: Panel, target?: Target): Client
  /** The secret fields that were in answers so far: what is to be masked. */
  secretFields(): ReadonlySet<string>
  /** Says that everything that was done so far is told: a signal has nothing to add to it. */
  toldAll(): void
  /** Now by the panel's clock, once it has told it: what is so long ago there is told right here. */
  now(): Date
  /** Is told of a table with ages that show as to come: one of the clocks is wrong, which is said once. */
  ahead(now: Date): void
  readonly signal: AbortSignal
}

export interface Context<A extends Arguments, F extends Flags> extends Surroundings {
  readonly args: ValuesOf<A>
  readonly flags: ValuesOf<F> & GlobalValues
}

/** What every shape of command takes. */
export interface Description<A extends Arguments, F extends Flags> {
  /** One line, lower case, what it does. */
  readonly summary: string
  readonly description?: string
  /** Command lines without the program's name; each of them is parsed by a test. */
  readonly examples: readonly string[]
  readonly args?: A
  readonly flags?: F
  /** Where it asks no panel; for a context, where `--context` says what it is about. */
  readonly local?: true | 'for a context'
  /** What its result has columns of. */
  readonly columns?: Readonly<Record<string, unknown>>
}

/** A command as a value. What is underneath becomes an oclif command class for help, manifest and reference. */
export interface Command {
  readonly summary: string
  readonly description: string | undefined
  readonly examples: readonly string[]
  readonly args: Arguments
  readonly flags: Flags
  /** The names that `--columns` takes, and `--sort` where there is one. */
  readonly columns: readonly string[]
  /** True where a signal is for the command to act on: it cleans up first. */
  readonly endsItself?: true
  /** True where it sends what was typed, and looks at nothing before. */
  readonly sendsAsTyped?: true
  /** A number is the exit code of what the command ran itself. */
  run(
    values: {args: Readonly<Record<string, unknown>>; flags: Readonly<Record<string, unknown>>},
    surroundings: Surroundings,
  ): Promise<unknown>
}

/** What a command that asks no panel does not heed. */
function idleOf(local: true | 'for a context'): string[] {
  return Object.keys(panelFlags).filter(name => local === true || name !== 'context')
}

/** The flags of every command; those that do nothing for this one are taken, and not offered. */
function offered(idle: readonly string[]): typeof globalFlags {
  const entries = Object.entries(globalFlags).map(([name, flag]) => [
    name,
    idle.includes(name) ? {...flag, hidden: true} : flag,
  ])
  return Object.fromEntries(entries)
}

/**
 * The base of the shapes: joins a description with the flags of its shape and of every command. `idle` are those of the
 * latter that do nothing for it.
 */
export function defineCommand<A extends Arguments, F extends Flags, S extends Flags>(
  description: Description<A, F>,
  shapeFlags: S,
  run: (context: Context<A, F> & {readonly flags: ValuesOf<S>}) => Promise<unknown>,
  idle: readonly (keyof GlobalValues)[] = [],
): Command {
  return {
    summary: description.summary,
    description: description.description,
    examples: description.examples,
    args: description.args ?? {},
    flags: {
      ...description.flags,
      ...shapeFlags,
      ...offered(description.local ? [...idle, ...idleOf(description.local)] : idle),
    },
    columns: Object.keys(description.columns ?? {}),
    run: ({args, flags}, surroundings) =>
      // The parser has made these values by the very definitions that the types are inferred from.
      run({...surroundings, args, flags} as Context<A, F> & {readonly flags: ValuesOf<S>}),
  }
}
