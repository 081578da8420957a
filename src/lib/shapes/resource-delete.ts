import type {Command} from '../command/command.js'
import {PanelctlError, usageError} from '../errors.js'
import {arg, type Flags, flag} from '../flags/flags.js'
import {type Resource, type Row, readings, type Seen, valuesOf} from '../resource/resource.js'
import {removal, type Step} from '../resource/step.js'
import {actionCommand} from './action.js'
import {meantBy, namesOf, planned, sampleName, turnOf} from './resource.js'
import {type ResourceRun, takeSteps} from './take-steps.js'

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
    : meantBy(seen, names, 'missing')
  return {read, seen, plan: planned(meant, row => removalOf(seen, row), run.flags)}
}

/** Deletes those that a list has just shown. */
export function resourceDelete(resource: Resource): Command {
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
      const {plan} = await deletions(resource, run, names)
      if (names.length === 0) return [`Delete all ${many} but your own${goes}?`]
      // Of what is not there nothing is asked.
      return plan.flatMap(({name, step}) => (step ? `Delete the ${noun} ${name}${goes}?` : []))
    },
    removes: true,
    turn: () => turnOf(resource),
    async performAll(run, names) {
      const {plan, ...known} = await deletions(resource, run, names)
      if (plan.length === 0) run.speech.note(`there are no ${many} but your own`)
      return takeSteps(run, known, plan)
    },
    columns: {},
    id: ({id}) => id,
  })
}
