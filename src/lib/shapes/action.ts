import {
  type Command,
  type Context,
  type Description,
  defineCommand,
  type Surroundings,
} from '../command/command.js'
import {actionFlags, confirmFlags, tableFlags} from '../command/global-flags.js'
import {Interrupted} from '../command/interrupted.js'
import {ReaderGone, writeOut} from '../command/io.js'
import {PanelctlError, usageError} from '../errors.js'
import type {Arguments, Flags, ValuesOf} from '../flags/flags.js'
import {until} from '../http/client.js'
import {DryRun} from '../http/dry-run.js'
import type {Columns} from '../output/columns.js'
import {documentText, formats} from '../output/formats.js'
import {mask} from '../output/mask.js'
import {checkOutputFlags, renderRecord} from '../output/render.js'
import {checkInteractive, confirm, type Question} from './confirm.js'
import {inFittingFormat, outputOptions} from './output-options.js'
import {type Waiting, waitFlags, waitFor, waitingIfAsked} from './wait.js'

/** What an action has at hand: its own flags and `--dry-run`, and `--wait` where there is something to wait for. */
export type ActionContext<A extends Arguments, F extends Flags> = Context<A, F> & {
  readonly flags: ValuesOf<typeof actionFlags> & {readonly wait?: boolean}
}

/** A result that is worth printing although something is missing: printed, and then the problem ends the command. */
export interface Unfinished<Result> {
  readonly result: Result
  readonly problem: PanelctlError
}

/** A result for which nothing had to be sent: it is not waited for, and `unneeded` is said instead of what was done. */
export interface Unneeded<Result> {
  readonly result: Result
  readonly unneeded: string
}

function isUnneeded<Result>(done: Done<Result>): done is Unneeded<Result> {
  return typeof done === 'object' && done !== null && 'unneeded' in done && 'result' in done
}

type Done<Result> = Result | Unfinished<Result> | Unneeded<Result>

function isUnfinished<Result>(done: Result | Unfinished<Result>): done is Unfinished<Result> {
  return typeof done === 'object' && done !== null && 'problem' in done && 'result' in done
}

export interface ActionDefinition<A extends Arguments, F extends Flags, Result, Found = undefined>
  extends Description<A, F> {
  /** Looks at what it is about, before the question: only reads. Without a terminal and `--yes` it never runs. */
  prepare?(context: ActionContext<A, F>): Promise<Found>
  /**
   * Does it. The result is the JSON, with `changed`, which is false for what was unneeded; none is `changed` alone. A
   * value or a document is told as it is.
   */
  perform(context: ActionContext<A, F>, found: Found): Promise<Done<Result>>
  /** What was done, in the past tense, for stderr. */
  done?(context: ActionContext<A, F>, result: Result): string
  /** The question before a destructive action, undefined for a harmless one; brings `--yes`. */
  confirm?(context: ActionContext<A, F>, found: Found): Question | undefined
  /**
   * What `--wait` waits for, found before anything is sent; brings `--wait`. What is seen then is the result.
   * @throws PanelctlError USAGE where the panel does not tell
   */
  wait?(context: ActionContext<A, F>): Promise<Waiting<Result>>
  /** What a table shows of the result; without it, or where there is none, a table shows nothing. */
  readonly columns?: Columns<NonNullable<Result>>
  /** What names the result for other commands; brings `-o id`. */
  id?(result: NonNullable<Result>): string | number
  /** The one value that a person runs the command for, printed bare instead of a table. */
  value?(result: Result): string
  /** True where the value is printed bare in every format. */
  bare?(context: ActionContext<A, F>): boolean
  /** A text that stands in the place of the table, as a script that is to be written to a file. */
  document?(result: Result): string | undefined
  /** True where secrets are what the command is for, so that they are not masked. */
  readonly reveals?: true
  /** True where `perform` cleans up after a signal and ends by itself. */
  readonly endsItself?: true
}

/** The same context, whose requests end with the signal too. */
function lookingUntil<Given extends Surroundings>(context: Given, signal: AbortSignal): Given {
  return {
    ...context,
    api: (endpoint, input) => context.api(endpoint, input, signal),
    client: (panel, target) => until(context.client(panel, target), signal),
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A command that changes something: `--dry-run`, a question where it destroys, the result, and a word on stderr. */
export function actionCommand<A extends Arguments, F extends Flags, Result, Found = undefined>(
  definition: ActionDefinition<A, F, Result, Found>,
): Command {
  const {columns, value} = definition
  const shapeFlags: typeof actionFlags & Partial<typeof confirmFlags & typeof waitFlags> = {
    ...actionFlags,
    ...(definition.confirm ? confirmFlags : {}),
    ...(definition.wait ? waitFlags : {}),
  }
  const command = defineCommand(
    definition,
    shapeFlags,
    async given => {
      const bare = definition.bare?.(given) ?? false
      const context = inFittingFormat(given, run =>
        checkOutputFlags({
          ...outputOptions(run),
          sort: undefined,
          hasRows: columns !== undefined || bare,
          hasId: bare || definition.id !== undefined,
        }),
      )
      const {io, speech, format} = context
      if (context.flags.sort !== undefined) throw usageError('--sort goes with lists', 'leave out --sort')
      const asks = definition.confirm && !context.flags['dry-run'] && !context.flags.yes
      if (asks && definition.prepare) checkInteractive(context)
      // Without `prepare` there is nothing to find, and its type is `undefined`.
      const found = (await definition.prepare?.(context)) as Found
      const question = asks ? definition.confirm?.(context, found) : undefined
      if (question !== undefined) await confirm(context, question)
      const ended = new AbortController()
      const waiting = await waitingIfAsked(context, () =>
        definition.wait?.(lookingUntil(context, ended.signal)),
      )
      let done: Done<Result>
      try {
        done = await definition.perform(context, found)
      } catch (error) {
        if (!(error instanceof DryRun)) throw error
        await writeOut(io, await documentText(format, error.plan))
        return
      }
      const unneeded = isUnneeded(done) ? done.unneeded : undefined
      const changed = unneeded === undefined && !context.flags['dry-run']
      const carried = isUnneeded(done) ? done.result : done
      const performed = isUnfinished(carried) ? carried : {result: carried, problem: undefined}
      const {result, problem} =
        waiting && !performed.problem && unneeded === undefined
          ? await wait(waiting, performed.result)
          : performed
      try {
        const isOpen = definition.reveals || context.flags['show-secrets']
        await writeOut(io, await render(isOpen ? result : mask(result, context.secretFields())))
      } catch (error) {
        if (error instanceof ReaderGone || error instanceof Interrupted) throw error
        const reason = error instanceof Error ? error.message : String(error)
        throw new PanelctlError('UNCERTAIN', `it was done, but ${reason}`, {
          hint: 'do not repeat it: look at what is there now',
          cause: error,
        })
      } finally {
        // Said even where nobody reads the result any more.
        const note = unneeded ?? definition.done?.(context, result)
        if (note !== undefined && !problem) speech.note(note)
      }
      if (problem) throw problem

      async function wait(waiting: Waiting<Result>, accepted: Result) {
        const {quiet, 'wait-timeout': timeout = 0} = context.flags
        const {seen, problem} = await waitFor(context, waiting, {accepted, timeout, quiet, ended})
        return {result: seen ? seen.thing : accepted, problem}
      }

      async function render(data: Result): Promise<string> {
        const isTable = formats[format].carries === 'table'
        if (value && (isTable || bare)) return `${value(data)}\n`
        const document = isTable ? definition.document?.(data) : undefined
        if (document !== undefined) return document
        const common = outputOptions(context)
        if (data === null || data === undefined) {
          const isData = formats[format].carries === 'data'
          return isData ? renderRecord({...common, row: null, data: {changed}, columns: {}}) : ''
        }
        if (isTable && !columns) return ''
        // What is made to be read, as a secret or a file, is new whenever it is there.
        const isMade = value !== undefined || definition.document !== undefined
        const told = isObject(data) && !isMade ? {...data, changed} : data
        return renderRecord({...common, row: data, data: told, columns: columns ?? {}, id: definition.id})
      }
    },
    columns ? ['sort'] : tableFlags,
  )
  return definition.endsItself ? {...command, endsItself: true} : command
}
