import type {Command} from '../command/command.js'
import {PanelctlError, usageError} from '../errors.js'
import {arg, type Flags, flag} from '../flags/flags.js'
import type {Lead} from '../resource/kind.js'
import {named, type Resource, type Row, readings, type Seen, valuesOf} from '../resource/resource.js'
import {removal, type Step} from '../resource/step.js'
import {actionCommand} from './action.js'
import {type Meant, meantBy, namesOf, planned, sampleName, turnOf} from './resource.js'
import {type Planned, type ResourceRun, takeSteps} from './take-steps.js'

/** The step that deletes one. */
function removalOf(seen: Seen, row: Row): Step {
  const {resource} = seen
  const spared = resource.spared?.(valuesOf(seen, row))
  if (!spared) return removal(seen, row)
  throw new PanelctlError('REJECTED', `${spared.why}, and it stays`, {
    hint: spared.instead,
    panel: resource.panel.name,
  })
}

/** As many as are named. */
const MANY = 8

/** What uses those that go, by kind and name; what may not be read is not told. */
async function usesOf(
  {api}: ResourceRun,
  {resource: {topic, noun}}: Seen,
  {plan, users}: {readonly plan: readonly Planned[]; readonly users: readonly Resource[]},
): Promise<string[]> {
  const known = await Promise.all(
    users.map(async user => {
      try {
        return (await user.read(api)).map(row => ({
          name: `${user.noun} ${named(user, row).name}`,
          leads: Object.entries(user.fields).flatMap(([name, {kind}]) => kind.leads(row.wire[name])),
        }))
      } catch (error) {
        if (error instanceof PanelctlError) return []
        throw error
      }
    }),
  )
  return plan.flatMap(({step}) => {
    const isOf = ({target, id}: Lead) => target.list === `${topic} list` && id === step?.row?.id
    const uses = known.flat().filter(({leads}) => leads.some(isOf))
    if (!step || uses.length === 0) return []
    const names = uses.slice(0, MANY).map(({name}) => name)
    return `the ${noun} ${step.name} is used by ${names.join(', ')}${uses.length > MANY ? ' …' : ''}`
  })
}

/** That no list has one, if it is so. */
function missingOf({row}: Meant): PanelctlError | undefined {
  try {
    row()
  } catch (error) {
    return error instanceof PanelctlError && error.reason === 'missing' ? error : undefined
  }
  return undefined
}

/** Those that are meant, and what is true of each that no list has. */
async function withReasons(
  {api}: ResourceRun,
  resource: Resource,
  meant: readonly Meant[],
): Promise<readonly Meant[]> {
  const known = meant.map(one => ({one, missing: missingOf(one)}))
  const why = known.some(({missing}) => missing) ? await resource.whyMissing?.(api) : undefined
  if (!why) return meant
  const failing = (error: PanelctlError) => () => {
    throw error
  }
  return known.map(({one, missing}) => (missing ? {...one, row: failing(why(missing, one.name))} : one))
}

/** What is to go, as the panel lists it now: those that are named, or with `--all` whatever is not spared. */
async function deletions(resource: Resource, run: ResourceRun, names: readonly string[]) {
  const given: Readonly<Record<string, unknown>> = run.flags
  const isWide = given.all === true
  if (isWide === names.length > 0)
    throw usageError(
      isWide ? 'names and --all contradict each other' : `which ${resource.noun} is to be deleted?`,
      'give names or --all',
    )
  const read = readings(run.api, 'or-ids')
  const seen = await read.see(resource)
  const meant = isWide
    ? seen.rows
        .filter(row => !resource.spared?.(valuesOf(seen, row)))
        .map(row => ({name: String(row.id), row: () => row}))
    : await withReasons(run, resource, meantBy(seen, names, 'missing'))
  return {read, seen, plan: planned(meant, row => removalOf(seen, row), run.flags)}
}

/** Deletes those that a list has just shown; a word before says what uses them, of what leads to such a thing. */
export function resourceDelete(resource: Resource, users: readonly Resource[] = []): Command {
  const {topic, idColumn, noun, many, loss, spared} = resource
  const goes = loss ? `, and with it ${loss}` : ''
  const several = idColumn === undefined ? '3 4' : `${sampleName(resource)} db1`
  const flags: Flags = spared ? {all: flag.boolean({summary: `all ${many} but one's own`})} : {}
  return actionCommand({
    summary: `delete ${many}`,
    ...(loss ? {description: `With it goes ${loss}.`} : {}),
    examples: [
      `${topic} delete ${sampleName(resource)}`,
      `${topic} delete ${spared ? '--all' : several} --yes`,
    ],
    args: {
      name: arg.text({
        summary: 'ids or unique names',
        ...(spared ? {} : {required: true}),
        each: true,
        among: namesOf(resource),
      }),
    },
    flags,
    async confirmAll(run, names) {
      const {seen, plan} = await deletions(resource, run, names)
      for (const text of await usesOf(run, seen, {plan, users})) run.speech.note(text)
      if (names.length === 0) return [`Delete all ${many} but your own${goes}?`]
      // Of what is not there nothing is asked.
      return plan.flatMap(({name, step}) => (step ? `Delete the ${noun} ${name}${goes}?` : []))
    },
    removes: true,
    turn: () => turnOf(resource),
    async performAll(run, names) {
      const {plan, ...known} = await deletions(resource, run, names)
      const given: Readonly<Record<string, unknown>> = run.flags
      // Whoever was asked has read it.
      if (given['dry-run'] || given.yes)
        for (const text of await usesOf(run, known.seen, {plan, users})) run.speech.note(text)
      if (plan.length === 0) run.speech.note(`there are no ${many} but your own`)
      return takeSteps(run, known, plan)
    },
    columns: {},
    id: ({id}) => id,
  })
}
