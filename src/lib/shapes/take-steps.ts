import type {Surroundings} from '../command/command.js'
import type {PanelctlError} from '../errors.js'
import {DryRun} from '../http/dry-run.js'
import {masked, type Row, type readings, type Seen, type Values, valuesOf} from '../resource/resource.js'
import {afterwards, carryOut, type Step, untoldOf} from '../resource/step.js'
import {failedOne, fewAtATime, type Outcome} from './each.js'

/** As many writes at a time as panels take without trouble. */
const AT_ONCE = 4

/** One of a resource as it is printed. */
export interface Thing extends Values {
  readonly id: string | number
}

export type ResourceRun = Surroundings & {readonly flags: {readonly 'show-secrets': boolean}}

export function thing(seen: Seen, row: Row, {flags}: ResourceRun): Thing {
  const told = Object.entries(valuesOf(seen, row)).filter(([name]) => !row.lacks?.includes(name))
  const values = {...Object.fromEntries(told), id: row.id}
  return flags['show-secrets'] ? values : masked(seen.resource, values)
}

/** One that is to be changed or deleted, and what is to be done: a step, or why there is none. */
export interface Planned {
  readonly name: string
  readonly step?: Step
  readonly outcome?: Outcome<Thing>
}

/** Takes one step, with a word on what comes of it in vain, and on what was taken out with it; throws as `carryOut`. */
export async function takeStep({client, speech}: Surroundings, step: Step): Promise<void> {
  const {resource, kind, name, row} = step
  const idle = kind === 'delete' ? undefined : resource.idle?.({...row?.wire, ...step.wanted})
  if (idle !== undefined && !(row && resource.idle?.(row.wire)))
    speech.warn(`the ${resource.noun} ${name} ${idle}`)
  const gone = await carryOut(client(step.resource.panel), step)
  for (const {target, id} of gone)
    speech.note(`the ${target.noun} ${id} is gone, and was taken out of ${step.name}`)
}

/** A row as it was sent. */
function written(seen: Seen, {kind, name, changes}: Step, row: Row, run: ResourceRun): Thing {
  if (kind === 'delete') return {id: row.id, [seen.resource.key]: name}
  return {...thing(seen, row, run), ...masked(seen.resource, toOf(changes))}
}

function toOf(changes: Step['changes']): Values {
  return Object.fromEntries(changes.map(({field, to}) => [field, to]))
}

const said = {create: 'made', change: 'changed', delete: 'deleted', same: 'nothing to change in'}

/** Takes each of several steps, looks once at what they led to, and says what each came to. */
export async function takeSteps(
  run: ResourceRun,
  {read, seen: before}: {readonly read: ReturnType<typeof readings>; readonly seen: Seen},
  planned: readonly Planned[],
): Promise<Outcome<Thing>[]> {
  const {resource} = before
  let lost: PanelctlError | undefined
  const sent = await fewAtATime(planned, AT_ONCE, async ({name, step, outcome}): Promise<Outcome<Thing>> => {
    if (!step) return {...outcome, name}
    if (lost) return {name, problem: lost}
    run.signal.throwIfAborted()
    try {
      await takeStep(run, step)
      return {name, changed: step.kind !== 'same'}
    } catch (error) {
      if (error instanceof DryRun) return {plan: error.plan, name}
      const failed = failedOne(error)
      // Whoever does not let us in, or is gone, does not take the others either.
      if (failed.problem && ['AUTH', 'UNREACHABLE'].includes(failed.problem.code)) lost = failed.problem
      return {...failed, name}
    }
  })
  const isInDoubt = ({changed, problem}: Outcome<Thing>) => changed ?? problem?.code === 'UNCERTAIN'
  const seen = sent.some(isInDoubt) ? await read.seeAgain(resource).catch(failedOne) : before
  const isUnseen = !('rows' in seen) && sent.some((one, index) => one.changed && planned[index]?.step?.row)
  if (isUnseen && seen.problem) run.speech.warn(seen.problem.message)
  return sent.map((one, index) => {
    const step = planned[index]?.step
    if (!step || (one.changed === undefined && !isInDoubt(one))) return one
    const {row, kind, name} = step
    const done = (result: Thing) => ({
      name: one.name,
      result,
      changed: kind !== 'same',
      note: () => `${said[kind]} the ${resource.noun} ${resource.isCalledById && row ? row.id : name}`,
    })
    if (!('rows' in seen)) {
      // What the panel took is done; of what is new nobody knows the id.
      if (!one.changed || !row) return {name: one.name, problem: one.problem ?? seen.problem}
      return done(written(before, step, row, run))
    }
    try {
      const found = afterwards(seen, step)
      const names = kind === 'change' ? step.changes.map(({field}) => field) : []
      // A look does not show whether a doubtful write was done of what is told to nobody.
      if (one.problem && found && untoldOf(resource, found, names).length > 0)
        return {name: one.name, problem: one.problem}
      return done(found ? thing(seen, found, run) : {id: row?.id ?? '', [resource.key]: name})
    } catch (error) {
      // What was in doubt was not done, or is still.
      return {name: one.name, problem: one.problem ?? failedOne(error).problem}
    }
  })
}
