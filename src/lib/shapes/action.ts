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
import {afterWrite, usageError} from '../errors.js'
import type {Arguments, Flags, ValuesOf} from '../flags/flags.js'
import type {Hint} from '../hint.js'
import {endedBy} from '../http/client.js'
import {DryRun} from '../http/dry-run.js'
import {isObject} from '../json-object.js'
import type {Unfinished, Unneeded, Waiting} from '../outcome.js'
import type {Columns} from '../output/columns.js'
import {documentText, formats} from '../output/formats.js'
import {mask} from '../output/mask.js'
import {printable} from '../output/printable.js'
import {checkOutputFlags, renderRecord, renderRows} from '../output/render.js'
import {eachOnce, type Named} from '../resource/target.js'
import {checkInteractive, confirm, type Question} from './confirm.js'
import {argumentOfEach, failedOne, type Outcome, problemOf, runsOf, told} from './each.js'
import {existsFlags, leftAlone, missingFlags} from './left-alone.js'
import {columnsWithoutRoom, inFittingFormat, outputOptions} from './output-options.js'
import {inTurn, type Turn, turnFlags} from './turn.js'
import {waitFlags, waitFor, waitingIfAsked} from './wait.js'

/** What an action has at hand: its own flags and `--dry-run`, and those that its definition brings. */
export type ActionContext<A extends Arguments, F extends Flags> = Context<A, F> & {
  readonly flags: ValuesOf<typeof actionFlags> & {readonly wait?: boolean; readonly 'if-exists'?: string}
}

function isUnneeded<Result>(done: Done<Result>): done is Unneeded<Result> {
  return isObject(done) && 'unneeded' in done && 'result' in done
}

type Done<Result> = Result | Unfinished<Result> | Unneeded<Result>

function isUnfinished<Result>(done: Result | Unfinished<Result>): done is Unfinished<Result> {
  return isObject(done) && 'problem' in done && 'result' in done
}

interface OneByOne<A extends Arguments, F extends Flags, Result, Found> {
  /** Looks at what it is about, before the question: only reads. Without a terminal and `--yes` it never runs. */
  prepare?(context: ActionContext<A, F>): Promise<Found>
  /**
   * Does it; once for each value of an argument that is `each`, one after the other, with that value. The result is the JSON, with `changed`, which is false for what was unneeded; none is `changed` alone. A
   * value or a document is told as it is.
   */
  perform(context: ActionContext<A, F>, found: Found): Promise<Done<Result>>
  readonly performAll?: undefined
  readonly confirmAll?: undefined
}

interface Together<A extends Arguments, F extends Flags, Result> {
  /** Does it to all values of an argument that is `each`, or to whatever it finds without them: what came of each. */
  performAll(context: ActionContext<A, F>, names: readonly string[]): Promise<readonly Outcome<Result>[]>
  /** The questions before a destructive action, after a look at what there is: only reads; brings `--yes`. */
  confirmAll?(context: ActionContext<A, F>, names: readonly string[]): Promise<readonly Question[]>
  readonly prepare?: undefined
  readonly perform?: undefined
}

interface ActionDescription<A extends Arguments, F extends Flags, Result, Found> extends Description<A, F> {
  /** What was done, in the past tense, for stderr. */
  done?(context: ActionContext<A, F>, result: Result): string
  /** The question before a destructive action, undefined for a harmless one; brings `--yes`. */
  confirm?(context: ActionContext<A, F>, found: Found): Question | undefined
  /** What this changes, and what no other run may change meanwhile; brings `--lock-timeout`. */
  turn?(context: ActionContext<A, F>): Turn
  /** What it makes may be there already (reason `exists`): brings `--if-exists`. */
  readonly creates?: true
  /** All there are of what the values of an argument that is `each` name: one that is called by its name and its id is one. */
  things?(context: ActionContext<A, F>): Promise<readonly Named[]>
  /** What it takes away may be gone already (reason `missing`): brings `--if-missing`. */
  readonly removes?: true
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
  /** True where there will be one, which has no rows. */
  isDocument?(context: Context<A, F>): boolean
  /** What to do where the result could not be printed, and is told only once. */
  lost?(result: NonNullable<Result>): Hint | undefined
  /** True where secrets are what the command is for, so that they are not masked. */
  readonly reveals?: true
  /** True where `perform` cleans up after a signal and ends by itself. */
  readonly endsItself?: true
}

export type ActionDefinition<
  A extends Arguments,
  F extends Flags,
  Result,
  Found = undefined,
> = ActionDescription<A, F, Result, Found> & (OneByOne<A, F, Result, Found> | Together<A, F, Result>)

/** The same context, whose requests end with the signal too. */
function lookingUntil<Given extends Surroundings>(context: Given, signal: AbortSignal): Given {
  return {
    ...context,
    api: (endpoint, input) => context.api(endpoint, input, signal),
    client: (panel, target) => endedBy(context.client(panel, target), signal),
  }
}

/** A command that changes something: `--dry-run`, a question where it destroys, the result, and a word on stderr. */
export function actionCommand<A extends Arguments, F extends Flags, Result, Found = undefined>(
  definition: ActionDefinition<A, F, Result, Found>,
): Command {
  const {columns, value} = definition
  const each = argumentOfEach(definition.args)
  const shapeFlags: typeof actionFlags &
    Partial<
      typeof confirmFlags & typeof waitFlags & typeof turnFlags & typeof existsFlags & typeof missingFlags
    > = {
    ...actionFlags,
    ...(definition.confirm || definition.confirmAll ? confirmFlags : {}),
    ...(definition.wait ? waitFlags : {}),
    ...(definition.turn ? turnFlags : {}),
    ...(definition.creates ? existsFlags : {}),
    ...(definition.removes ? missingFlags : {}),
  }
  const command = defineCommand(
    definition,
    shapeFlags,
    async parsed => {
      const bare = definition.bare?.(parsed) ?? false
      const check = (run: typeof parsed) =>
        checkOutputFlags({
          ...outputOptions(run),
          sort: undefined,
          hasRows: (columns !== undefined && !definition.isDocument?.(run)) || bare,
          hasId: bare || definition.id !== undefined || each !== undefined,
        })
      // A column that there is not is found now, and not when it is done.
      const context = inFittingFormat(parsed, check, columns)
      const {io, speech, format} = context
      if (context.flags.sort !== undefined) throw usageError('--sort goes with lists', 'leave out --sort')
      const {confirmAll} = definition
      const asks = (definition.confirm || confirmAll) && !context.flags['dry-run'] && !context.flags.yes
      const given = runsOf(context, each)
      const things = given.length > 1 ? definition.things : undefined
      if (asks && (definition.prepare || confirmAll || things)) checkInteractive(context)
      const runs = []
      for (const one of things ? eachOnce(given, await things(context)) : given) {
        // Without `prepare` there is nothing to find, and its type is `undefined`.
        const {prepare} = definition
        let left: Outcome<Result> | undefined
        const found = await (prepare && takingTurn(one.run, () => prepare(one.run)))?.catch(error => {
          left = leftAlone(error, one.run.flags)
          return undefined
        })
        runs.push({...one, found: found as Found, left})
      }
      const names = runs.flatMap(({name}) => name ?? [])
      if (asks)
        await confirm(
          context,
          confirmAll
            ? await confirmAll(context, names)
            : runs.flatMap(({run, found, left}) => (left ? [] : (definition.confirm?.(run, found) ?? []))),
        )
      const [only] = given.length === 1 ? runs : []
      const outcomes: Outcome<Result>[] = []
      if (definition.performAll) {
        const {performAll} = definition
        outcomes.push(...(await takingTurn(context, () => performAll(context, names))))
        const [failed] = outcomes
        if (only && failed?.problem) throw failed.problem
        if (!only) outcomes.forEach(say)
      } else {
        for (const {name, run, found, left} of runs) {
          context.signal.throwIfAborted()
          const doing = left ? Promise.resolve(left) : once(definition.perform, run, found)
          const outcome = await (only ? doing : doing.catch(failedOne))
          outcomes.push({...outcome, name})
          // Of several, each is told when it is done: the next one may take its time.
          if (!only) say(outcome)
        }
      }
      const problem = problemOf(outcomes)
      try {
        const isOpen = definition.reveals || context.flags['show-secrets']
        await writeOut(io, await renderAll(isOpen ? outcomes : outcomes.map(masked)))
      } catch (error) {
        if (error instanceof ReaderGone || error instanceof Interrupted) throw error
        // Where nothing was sent, as for --dry-run, the output is all that is missing.
        if (outcomes.every(({changed, problem}) => !changed && !problem)) throw error
        const made = only && outcomes[0]?.result
        throw afterWrite(error, 'it was done', made && definition.lost?.(made))
      } finally {
        // Said even where nobody reads the result any more.
        if (only) outcomes.forEach(say)
      }
      if (problem) throw problem

      function takingTurn<T>(run: typeof context, work: () => Promise<T>): Promise<T> {
        const {'dry-run': isDry, 'lock-timeout': patience = 0} = run.flags
        return definition.turn && !isDry ? inTurn(run, definition.turn(run), patience, work) : work()
      }

      /** Does it to one, and waits where that was asked for. */
      async function once(
        perform: OneByOne<A, F, Result, Found>['perform'],
        run: typeof context,
        found: Found,
      ): Promise<Outcome<Result>> {
        const ended = new AbortController()
        const waiting = await waitingIfAsked(run, () => definition.wait?.(lookingUntil(run, ended.signal)))
        let done: Done<Result>
        try {
          // Also where --wait-if-told asked for it; without a wait here the flag is the command's own.
          const flags = definition.wait ? {...run.flags, wait: waiting !== undefined} : run.flags
          done = await takingTurn(run, () => perform({...run, flags}, found))
        } catch (error) {
          if (error instanceof DryRun) return {plan: error.plan}
          return leftAlone(error, run.flags)
        }
        const unneeded = isUnneeded(done) ? done.unneeded : undefined
        const carried = isUnneeded(done) ? done.result : done
        const performed = isUnfinished(carried) ? carried : {result: carried, problem: undefined}
        const isWaitedFor = !performed.problem && (unneeded === undefined || performed.result === null)
        const ending = waiting && isWaitedFor ? await wait(waiting, performed.result, ended) : performed
        return {
          ...ending,
          changed: unneeded === undefined && !context.flags['dry-run'],
          note: () => unneeded ?? definition.done?.(run, ending.result),
        }
      }

      function say({note, problem}: Outcome<Result>): void {
        const text = problem ? undefined : note?.()
        context.toldAll()
        if (text !== undefined) speech.note(text)
      }

      function masked({result, ...outcome}: Outcome<Result>): Outcome<Result> {
        return result === undefined ? outcome : {...outcome, result: mask(result, context.secretFields())}
      }

      async function wait(waiting: Waiting<Result>, accepted: Result, ended: AbortController) {
        const {quiet, 'wait-timeout': timeout = 0} = context.flags
        const {seen, problem} = await waitFor(context, waiting, {accepted, timeout, quiet, ended})
        return {result: seen ? seen.thing : accepted, problem}
      }

      async function renderAll(shown: readonly Outcome<Result>[]): Promise<string> {
        const written = formats[format]
        const [{plan, result, changed} = {}] = shown
        if (only && plan) return documentText(format, plan)
        if (each === undefined || (only && written.carries !== 'ids'))
          return render(result as Result, changed)
        const isAllInError = shown.every(one => one.changed === undefined && one.plan === undefined)
        if (problem && isAllInError && problem.code !== 'PARTIAL') return ''
        if (shown.some(one => one.plan)) return documentText(format, told(shown, each, speech))
        if (written.carries === 'ids')
          return written.write(
            shown.flatMap(one => {
              if (one.problem) return []
              return (one.result && definition.id?.(one.result)) ?? one.name ?? []
            }),
          )
        const rows = shown.flatMap(one => one.result ?? [])
        const isShown = rows.length > 0 && Object.keys(columns ?? {}).length > 0
        if (written.carries !== 'data' && !isShown) return ''
        const room = columnsWithoutRoom()
        const data = told(shown, each, speech)
        const text = await renderRows({
          ...outputOptions(context),
          rows,
          data,
          columns: columns ?? {},
          leaveOut: room.leaveOut,
        })
        room.say(speech)
        return text
      }

      async function render(data: Result, changed: boolean | undefined): Promise<string> {
        const isTable = formats[format].carries === 'table'
        // What a panel gives may be obeyed by a terminal.
        if (value && (isTable || bare)) return `${printable(value(data))}\n`
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
        const withChanged = isObject(data) && !isMade ? {...data, changed} : data
        return renderRecord({
          ...common,
          row: data,
          data: withChanged,
          columns: columns ?? {},
          id: definition.id,
        })
      }
    },
    columns ? ['sort'] : tableFlags,
  )
  return definition.endsItself ? {...command, endsItself: true} : command
}
