import type {Command} from '../command/command.js'
import {confirmFlags} from '../command/global-flags.js'
import {PanelctlError, usageError} from '../errors.js'
import type {Flags} from '../flags/flags.js'
import type {Unneeded} from '../outcome.js'
import {
  masked,
  type Resource,
  type Row,
  readings,
  type Seen,
  type Values,
  valuesOf,
} from '../resource/resource.js'
import {afterwards, change, changedOf, untoldOf} from '../resource/step.js'
import {actionCommand} from './action.js'
import {checkInteractive, confirm} from './confirm.js'
import {resourceColumns, sayStrays, turnOf} from './resource.js'
import {givenValues, resourceFlags} from './resource-flags.js'
import {showCommand} from './show.js'
import {takeStep} from './take-steps.js'

// Of what a panel has one set of: read, merged, written as a whole, and looked at again.

function only({resource, rows: [row]}: Pick<Seen, 'resource' | 'rows'>): Row {
  if (row) return row
  throw new PanelctlError('NOT_FOUND', `there are no ${resource.many}`, {panel: resource.panel.name})
}

function shown(seen: Seen, row: Row, isOpen: boolean): Values {
  const values = valuesOf(seen, row)
  return isOpen ? values : masked(seen.resource, values)
}

/** All settings. */
export function settingsShow(resource: Resource): Command {
  const {topic, many} = resource
  return showCommand({
    summary: `show the ${many}`,
    examples: [`${topic} show`, `${topic} show -o yaml`],
    async fetch(run) {
      const seen = await readings(run.api).see(resource)
      await sayStrays(run, seen, seen.rows)
      return shown(seen, only(seen), run.flags['show-secrets'])
    },
    columns: resourceColumns(resource, true),
  })
}

/** Changes some of them. */
export function settingsSet(resource: Resource): Command {
  const {topic, many, example} = resource
  const flags: Flags & typeof confirmFlags = {...resourceFlags(resource, () => true), ...confirmFlags}
  return actionCommand({
    summary: `change ${many}`,
    description: 'What is not given stays as it is.',
    examples: [`${topic} set ${example}`, `${topic} set --file settings.yaml --yes`],
    flags,
    turn: () => turnOf(resource),
    async perform(run): Promise<Values | Unneeded<Values>> {
      const values = await givenValues(resource, run)
      if (Object.keys(values).length === 0)
        throw usageError('nothing to change was given', 'say what with flags or --file')
      const read = readings(run.api)
      const seen = await read.see(resource)
      const row = only(seen)
      const step = change(seen, row, values)
      if (step.kind === 'same')
        return {result: shown(seen, row, run.flags['show-secrets']), unneeded: `the ${many} are so already`}
      const changed = changedOf(step)
      const question = resource.danger?.(changed)
      if (question !== undefined && !run.flags.yes && !run.flags['dry-run']) {
        checkInteractive(run, question)
        await resource.refuses?.(run.client(resource.panel), changed)
        await confirm(run, [question])
      }
      const doubt = await takeStep(run, step).then(
        () => undefined,
        (error: unknown) => {
          if (error instanceof PanelctlError && error.code === 'UNCERTAIN') return error
          throw error
        },
      )
      // A look does not show whether a doubtful write was done of what is told to nobody.
      const names = step.changes.map(({field}) => field)
      if (doubt && untoldOf(resource, row, names).length > 0) throw doubt
      try {
        const found = await read.seeAgain(resource)
        return shown(found, afterwards(found, step) ?? row, run.flags['show-secrets'])
      } catch (error) {
        throw doubt ?? error
      }
    },
    columns: resourceColumns(resource, true),
    done: () => `changed ${many}`,
  })
}
