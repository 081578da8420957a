import type {Surroundings} from '../command/command.js'
import {PanelctlError, usageError} from '../errors.js'
import {named, type Resource, readings, rowOf, type Seen, type Values} from '../resource/resource.js'
import {change, changedOf, creation, removal, type Step, untoldOf} from '../resource/step.js'
import type {Wanted} from '../resource/wanted.js'
import {checkUnique} from './resource.js'

/** What is to be done of one resource. */
export interface Part {
  readonly resource: Resource
  readonly wanted: readonly Wanted[]
  readonly steps: readonly Step[]
  /** Deleted at the end, when nothing leads to them any more. */
  readonly removals: readonly Step[]
}

/**
 * What files want of a panel, against what it has.
 * @throws PanelctlError that names every mistake with its line
 */
export async function planOf(
  {
    api,
    client,
    flags,
    speech,
  }: Surroundings & {readonly flags: {readonly prune: boolean; readonly 'with-secrets': boolean}},
  resources: readonly Resource[],
  wanted: readonly Wanted[],
): Promise<Part[]> {
  const read = readings(api)
  const parts: Part[] = []
  const mistakes: PanelctlError[] = []
  const untold = flags['with-secrets'] ? 'send' : 'leave'
  for (const resource of resources) {
    const own = wanted.filter(one => one.resource === resource)
    const seen = withPlanned(await read.see(resource), wanted)
    const names = new Set(own.map(({name}) => name))
    const removals =
      flags.prune && resource.remove
        ? seen.rows.map(row => removal(seen, row)).filter(({name}) => !names.has(name))
        : []
    const made: Wanted[] = []
    const steps: Step[] = []
    for (const one of own) {
      const lacks = (field: string) =>
        `${one.where}: the ${resource.noun} ${one.name} is to be made, and its ${field} is not in the file, as in no export`
      const row = seen.rows.find(row => named(resource, row).name === one.name)
      const vital = row ? undefined : vitalSecretOf(resource, one.values)
      if (vital !== undefined) {
        speech.warn(`${lacks(vital)}: left out`)
        continue
      }
      try {
        const step = stepOf(seen, one, untold, field => speech.warn(`${lacks(field)}: made without it`))
        refuseTwin(one, step, steps)
        await resource.refuses?.(client(resource.panel), changedOf(step))?.catch((error: unknown) => {
          throw atItsLine(one, error)
        })
        const left = row && untold === 'leave' ? untoldOf(resource, row, Object.keys(one.values)) : []
        if (left.length > 0)
          speech.note(`${one.where}: the panel tells to nobody what ${left.join(', ')} is, which stays`)
        made.push(one)
        steps.push(step)
      } catch (error) {
        if (!(error instanceof PanelctlError)) throw error
        mistakes.push(error)
      }
    }
    parts.push({resource, wanted: made, steps: [...steps, ...removals], removals})
  }
  const [first, ...more] = mistakes
  if (!first) return parts
  if (more.length === 0) throw first
  const isAlike = more.every(({code}) => code === first.code)
  throw new PanelctlError(isAlike ? first.code : 'USAGE', mistakes.map(({message}) => message).join('; '), {
    hint: first.hint,
    panel: first.panel,
  })
}

/** A secret that is taken only when one is made, and without which none is. */
function vitalSecretOf({fields}: Resource, values: Values): string | undefined {
  const [name] =
    Object.entries(fields).find(
      ([name, {once, required}]) => once && required && values[name] === undefined,
    ) ?? []
  return name
}

/** @throws PanelctlError USAGE where another in the files is to have what no two can */
function refuseTwin({where}: Wanted, step: Step, others: readonly Step[]): void {
  for (const [field, value] of Object.entries(changedOf(step))) {
    const isUnique = step.resource.fields[field]?.unique
    const twin = isUnique && others.find(({wanted}) => wanted[field] === value)
    if (twin) throw usageError(`${where}: ${step.name} and ${twin.name} cannot have one ${field}`)
  }
}

/** What was thrown, with the line that it is about. */
function atItsLine({where}: Wanted, error: unknown): unknown {
  if (!(error instanceof PanelctlError)) return error
  return new PanelctlError(error.code, `${where}: ${error.message}`, {hint: error.hint, panel: error.panel})
}

/** The step that brings a thing to what a file says; a mistake is told with its line. */
export function stepOf(
  seen: Seen,
  one: Wanted,
  untold: 'send' | 'leave',
  lacking: (field: string) => void = () => {},
): Step {
  const {resource} = seen
  const isThere = seen.rows.some(row => named(resource, row).name === one.name)
  try {
    const own = isThere ? rowOf(seen, one.name) : undefined
    const step = own ? change(seen, own, one.values, untold) : creation(seen, one.values, lacking)
    checkUnique(seen, step, {own, reason: 'exists'})
    return step
  } catch (error) {
    throw atItsLine(one, error)
  }
}

/** What fields may lead to, with what the files will have made by then. */
function withPlanned(seen: Seen, wanted: readonly Wanted[]): Seen {
  return {
    ...seen,
    lookup: target => {
      const rows = seen.lookup(target)
      const planned = wanted.filter(
        ({resource, name}) =>
          `${resource.topic} list` === target.list && !rows.some(row => row.name === name),
      )
      return [...rows, ...planned.map(({name}) => ({id: `new ${name}`, name}))]
    },
  }
}
