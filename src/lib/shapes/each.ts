import {Interrupted} from '../command/interrupted.js'
import {ReaderGone} from '../command/io.js'
import {afterWrite, PanelctlError} from '../errors.js'
import type {Arguments} from '../flags/flags.js'
import {hint, hintText} from '../hint.js'

/** What came of an action, done to one thing. */
export interface Outcome<Result> {
  /** What of several it was done to: the value of an argument. */
  readonly name?: string | undefined
  readonly result?: Result
  /** What `--dry-run` shows in its place. */
  readonly plan?: object
  /** Undefined where it failed, which tells nothing of it. */
  readonly changed?: boolean
  /** What is said of it where there is no problem. */
  note?(): string | undefined
  readonly problem?: PanelctlError | undefined
}

/** The argument each of whose values an action is done to. */
export function argumentOfEach(args: Arguments = {}): string | undefined {
  return Object.keys(args).find(name => args[name]?.each)
}

/** The runs of an action: one for each value of that argument, none of them twice, or one alone. */
export function runsOf<Run extends {readonly args: object}>(
  run: Run,
  argument: string | undefined,
): {readonly name?: string; readonly run: Run}[] {
  const values = Object.entries(run.args).find(([name]) => name === argument)?.[1]
  if (argument === undefined || !Array.isArray(values)) return [{run}]
  const names = new Set(values.map(String))
  return [...names].map(name => ({name, run: {...run, args: {...run.args, [argument]: name}}}))
}

/**
 * The failure of one of several, beside which the others are tried.
 * @throws what ends all of them: a signal
 */
export function failedOne(error: unknown): Outcome<never> {
  if (error instanceof Interrupted || error instanceof ReaderGone) throw error
  return {problem: error instanceof PanelctlError ? error : afterWrite(error, 'it may have been done')}
}

/** Does something to each of many, a few at a time; gives what came of them in their order. */
export async function fewAtATime<Item, Result>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const left = [...items.entries()]
  const next = async (): Promise<void> => {
    for (let one = left.shift(); one; one = left.shift()) results[one[0]] = await work(one[1])
  }
  await Promise.all(Array.from({length: Math.min(most, items.length)}, next))
  return results
}

/**
 * What failed, as one failure that names each of them: PARTIAL, or their code where nothing went well and all failed
 * alike. Undefined where nothing did.
 */
export function problemOf(outcomes: readonly Outcome<unknown>[]): PanelctlError | undefined {
  const failed = outcomes.flatMap(({name, problem}) => (problem ? {name, problem} : []))
  const [first] = failed
  if (first === undefined || outcomes.length === 1) return first?.problem
  const {code, panel, reason} = first.problem
  // A command that ran everywhere was not done in part, wherever it failed.
  const isAlike =
    (failed.length === outcomes.length || code === 'REMOTE_FAILED') &&
    failed.every(({problem}) => problem.code === code)
  const byMessage = new Map<string, string[]>()
  for (const {name, problem} of failed)
    byMessage.set(problem.message, [...(byMessage.get(problem.message) ?? []), name ?? ''])
  const each = [...byMessage].map(([message, names]) => `${fewOf(names)}: ${message}`).join('; ')
  return new PanelctlError(
    isAlike ? code : 'PARTIAL',
    `${failed.length} of ${outcomes.length} failed: ${each}`,
    {
      hint: hintOf(failed),
      panel,
      ...(failed.every(({problem}) => problem.reason === reason) ? {reason} : {}),
    },
  )
}

/** As many names as a person reads. */
function fewOf(names: readonly string[]): string {
  const shown = names.slice(0, 20).join(', ')
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown
}

/** The hint that all have in common, or else the first one there is, and whose it is. */
function hintOf(failed: readonly {readonly name?: string | undefined; readonly problem: PanelctlError}[]) {
  const {name, problem} = failed.find(({problem}) => problem.hint !== undefined) ?? {}
  if (problem?.hint === undefined) return undefined
  const text = hintText(problem.hint)
  const isCommon = failed.every(one => one.problem.hint && hintText(one.problem.hint) === text)
  return isCommon ? problem.hint : hint`${name ?? ''}: ${problem.hint}`
}

/** What several came to, as JSON: one object each, which says whose it is and, where it failed, with which code and why. */
export function told(
  outcomes: readonly Outcome<unknown>[],
  argument: string,
  {clean}: {clean(text: string): string},
): object[] {
  return outcomes.map(({name, result, plan, changed, problem}) => ({
    [argument]: name,
    ...(typeof result === 'object' ? result : {}),
    ...plan,
    changed,
    error: problem && {
      code: problem.code,
      exitCode: problem.exitCode,
      reason: problem.reason,
      message: clean(problem.message),
    },
  }))
}
