import type {Connection} from '../config/connection/resolve.js'
import {configPaths} from '../config/files/paths.js'
import {type Asker, clientOf, connectionOf, panelClock, timeoutOf} from '../connect.js'
import {afterWrite, lookNow, PanelctlError, reworded} from '../errors.js'
import {type Hint, hint, hintText, type PanelctlCommand, saidAfter} from '../hint.js'
import type {Client} from '../http/client.js'
import {RETRIES} from '../http/client-options.js'
import type {Panel} from '../http/panel.js'
import type {Target} from '../http/target.js'
import {isDumb} from '../output/colour.js'
import {isPerElement} from '../output/formats.js'
import {printable} from '../output/printable.js'
import {showProgress} from '../output/progress.js'
import {askedFormat} from './asked-format.js'
import type {Command, Surroundings} from './command.js'
import type {GlobalValues} from './global-flags.js'
import {type Connected, leadingBack} from './hints.js'
import {Interrupted} from './interrupted.js'
import {type Io, ReaderGone} from './io.js'
import {parseArguments} from './parse.js'
import type {Preferred} from './preferences.js'
import {createSpeech} from './speech.js'

/** What a process gives to a run. */
export interface Runtime extends Asker {
  readonly io: Io
  /** The folder of the package: where the manifest and package.json lie. */
  readonly root: string
  /** The ids of all commands: `panel:server:list`. */
  readonly ids: readonly string[]
  load(id: string): Promise<Command>
  readonly signal: AbortSignal
  /** Runs what keeps the thread, so that a signal ends the process meanwhile. */
  blocking?<T>(work: () => T): T
}

/** What a run finds out, and whoever tells of its failure has to know. */
export interface Findings {
  /** The secrets that went along with requests: a panel may have echoed them. */
  readonly secrets: Set<string>
  readonly preferred: Preferred
}

/** Of a run that somebody ended: there is nothing to say of it. */
function isEnding(error: unknown): boolean {
  return error instanceof ReaderGone || error instanceof Interrupted
}

function isForeseen(error: unknown): boolean {
  return error instanceof PanelctlError || isEnding(error)
}

/** Words that are the same as one, with how often they were said. */
function countedOnce(all: readonly Hint[]): Hint[] {
  const texts = all.map(hintText)
  const once = all.filter((_, at) => texts.indexOf(texts[at] ?? '') === at)
  return once.map(one => {
    const times = texts.filter(text => text === hintText(one)).length
    return times === 1 ? one : hint`${one} (${times} times)`
  })
}

/** The failure with the commands that look at what writes have done, where it only says to look. */
function lookingWith(error: unknown, looks: readonly PanelctlCommand[]): unknown {
  if (!(error instanceof PanelctlError) || error.hint === undefined || looks.length === 0) return error
  // Of many one kind of look is enough to know the others.
  const commands = looks.slice(0, 3).map((look, index) => hint`${index === 0 ? ': ' : ', '}${look}`)
  return reworded(error, {hint: saidAfter(error.hint, lookNow, commands)})
}

/** That a thing is not there is not known by an answer of an earlier moment. */
function notFoundThen(error: unknown, stale: PanelctlError | undefined): PanelctlError | undefined {
  if (!stale || !(error instanceof PanelctlError) || error.code !== 'NOT_FOUND') return undefined
  const {code, hint, panel} = stale
  return new PanelctlError(code, `${error.message}, but ${stale.message}`, {hint, panel, cause: error})
}

/**
 * Runs one command: reads its words, joins flags, environment and contexts into clients, and lets the shape do the rest.
 * @throws PanelctlError and whatever else ends a command; `main` turns it into a message and an exit code
 */
export async function run(
  id: string,
  command: Command,
  argv: readonly string[],
  runtime: Runtime & Findings,
): Promise<unknown> {
  const values = await parseArguments(id, command, argv)
  const flags = values.flags as GlobalValues & {
    readonly [name in 'dry-run' | 'watch' | 'follow']?: boolean
  }
  const {io, env, signal, root, secrets, preferred} = runtime
  const {format, formatGivesWay, jsonErrors, jqStyle} = askedFormat(flags, env, preferred)
  const speech = createSpeech(io, {
    asJson: jsonErrors,
    quiet: flags.quiet,
    debug: flags.debug,
    secrets,
  })
  const timeout = timeoutOf(flags.timeout, env) ?? preferred.timeout
  const shown = io.stderr.isTTY === true && !isDumb(env) && !flags.quiet && !speech.asJson
  const clients = new Map<Panel, Client>()
  // Of clients that are gone, too: who asks others each time keeps none of them.
  const secretsSeen = new Set<string>()
  let connected: Connected | undefined
  /** What was said of where the connection comes from, which a failure looks up once more. */
  const noted = new Set<string>()
  const panelTime = panelClock(runtime)
  let clock = 'this machine'
  let hasWritten = false
  const looks = new Map<string, PanelctlCommand>()
  /** When it was by the clock that ages did not fit. */
  let misfit: Date | undefined
  /** The first answer that was not the panel's of now. */
  let stale: PanelctlError | undefined
  /** What was accepted and is not told yet: some of it only after a wait, or another look. */
  let accepted: Hint[] = []

  async function connect(panel: Panel, context?: string): Promise<Connection> {
    const typed = {
      context: context ?? flags.context,
      url: flags.url,
      caFile: flags['ca-file'],
      // Not given is not "no": a context or the environment may say yes.
      insecure: flags.insecure || undefined,
      // Who names a context asks several panels: what is typed for one of them is not for all.
      headers: context === undefined ? flags.header : undefined,
    }
    const connection = await connectionOf(panel, typed, runtime)
    // Who names a context asks several panels, sees to the failures of each, and was given no --context.
    if (context !== undefined) return connection
    for (const text of connection.notes.filter(one => !noted.has(one))) {
      noted.add(text)
      speech.note(text)
    }
    connected = {panel, connection}
    return connection
  }

  function newClient(target: () => Promise<Target>): Client {
    return clientOf(target, runtime, {
      timeout,
      retries: flags.retries ?? preferred.retries ?? RETRIES,
      dryRun: flags['dry-run'] ?? false,
      signal,
      secretsSeen,
      outlivesSignal: command.endsItself === true,
      warn: speech.warn,
      told: date => {
        clock = 'the clock of its answers'
        panelTime.told(date)
      },
      stale: failure => {
        // What acts would act on what was; of what it has done the rest is still to be told.
        const acts = 'dry-run' in command.flags && !command.sendsAsTyped
        if (acts && !hasWritten) throw failure
        if (!stale) speech.warn(failure.message)
        stale ??= failure
      },
      writes: command => {
        hasWritten = true
        if (command) looks.set(hintText(command), command)
      },
      accepted: text => accepted.push(text),
      sends: secret => secrets.add(secret),
      waiting: shown ? text => showProgress(io.stderr, printable(text)) : undefined,
      debug: flags.debug ? speech.debug : undefined,
    })
  }

  function client(panel: Panel, target?: Target): Client {
    const known = clients.get(panel)
    if (known && !target) return known
    const client = newClient(target ? async () => target : () => connect(panel))
    if (!target) clients.set(panel, client)
    return client
  }

  const filtered =
    flags.jq === undefined || jqStyle === undefined
      ? undefined
      : await (await import('./jq-output.js')).throughJq({
          io,
          env,
          expression: flags.jq,
          style: jqStyle,
          // What an action prints is one thing, whatever it is printed as.
          streams: flags.watch || flags.follow || (isPerElement(format) && flags['dry-run'] === undefined),
          speech,
          // Of a call that was free to read only, or of an action on what is kept here, as of a login.
          hasActed: () => hasWritten || (flags['dry-run'] === false && connected === undefined),
          blocking: runtime.blocking ?? (work => work()),
        })
  const surroundings: Surroundings = {
    id,
    io: filtered?.io ?? io,
    env,
    root,
    program: {
      version: runtime.version,
      platform: `${process.platform}-${process.arch}`,
      node: process.versions.node,
    },
    format,
    formatGivesWay,
    preferred,
    commands: {
      ids: runtime.ids,
      columnsOf: async id => (await runtime.load(id)).columns,
    },
    speech,
    api: (endpoint, input, signal) => client(endpoint.panel).call(endpoint, input, signal),
    configDir: () => configPaths(env).configDir,
    connect,
    client,
    secretFields: () => secretsSeen,
    toldAll() {
      accepted = []
    },
    now: panelTime.now,
    ahead(now) {
      misfit = now
    },
    signal,
  }
  // At once: the process may not live to see the command end. One that ends itself says what it has done.
  if (!command.endsItself)
    signal.addEventListener('abort', () => countedOnce(accepted).forEach(speech.warn), {once: true})
  try {
    const result = await command.run(values, surroundings)
    await filtered?.end()
    return result
  } catch (error) {
    // What a command prints before it fails; why jq does not take that says less than why it failed.
    await filtered?.end().catch(failure => {
      if (!isEnding(failure)) speech.warn(failure.message)
    })
    const failure =
      hasWritten && !isForeseen(error)
        ? afterWrite(error, 'what was asked for was sent')
        : (notFoundThen(error, stale) ?? error)
    const flagNames = Object.keys(command.flags)
    throw leadingBack(lookingWith(failure, [...looks.values()]), {id, flags, flagNames, connected})
  } finally {
    if (misfit) {
      speech.warn(
        `by ${clock} it was ${misfit.toISOString()}, and the panel tells of what was later: a clock is wrong (a proxy's, the panel's, an agent's), and with it these ages`,
      )
    }
  }
}
