import {readdir, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {type Command, type Context, defineCommand} from '../command/command.js'
import {writeOut} from '../command/io.js'
import {PanelctlError, usageError} from '../errors.js'
import {flag} from '../flags/flags.js'
import {MASK} from '../mask.js'
import type {Columns} from '../output/columns.js'
import {printable} from '../output/printable.js'
import {checkOutputFlags, renderRows} from '../output/render.js'
import {type Resource, readings, type Seen, wordOf} from '../resource/resource.js'
import {changedOf, removal, type Step} from '../resource/step.js'
import {type Source, type Wanted, wantedIn} from '../resource/wanted.js'
import {type Part, planOf, stepOf} from './apply-plan.js'
import {confirm} from './confirm.js'
import {textOfFile} from './document-flags.js'
import {type Outcome, problemOf} from './each.js'
import type {Kept} from './export.js'
import {inFittingFormat, outputOptions} from './output-options.js'
import {turnOf} from './resource.js'
import {type Planned, type Thing, takeSteps} from './take-steps.js'
import {inTurn, turnFlags} from './turn.js'

const applyFlags = {
  file: flag.text({
    summary: 'YAML or JSON file, folder of them, or - for stdin; repeatable',
    char: 'f',
    placeholder: 'file',
    multiple: true,
    filled: true,
  }),
  prune: flag.boolean({summary: 'delete what is not in the files, of resources that are in them'}),
  'dry-run': flag.boolean({summary: 'print the plan, and send no write'}),
  'with-secrets': flag.boolean({summary: 'send secrets, too, that the panel tells to nobody'}),
  'exit-code': flag.boolean({summary: 'with --dry-run: exit 11 where something would change'}),
  yes: flag.boolean({summary: 'do not ask'}),
  ...turnFlags,
}

type ApplyContext = Context<Record<never, never>, typeof applyFlags>

/** A line of a plan, and what came of it. */
interface Line {
  readonly action: Step['kind']
  readonly resource: string
  readonly name: string
  readonly changes: Step['changes']
  readonly changed?: boolean | undefined
  readonly error?: {readonly code: string; readonly message: string} | undefined
}

/** Brings the panel to what files say. */
export function applyCommand({topic, resources}: Kept): Command {
  return defineCommand(
    {
      summary: 'bring the panel to what files say',
      description: `The files have what "${topic} export" prints; a field that is left out stays as it is. A second run changes nothing.`,
      examples: [`${topic} apply -f panel.yaml --dry-run`, `${topic} apply -f panel.yaml --prune --yes`],
      flags: applyFlags,
    },
    {},
    async given => {
      const context = inFittingFormat(given, run =>
        checkOutputFlags({...outputOptions(run), sort: undefined, hasRows: true, hasId: false}),
      )
      const {flags, speech} = context
      if (flags.sort !== undefined) throw usageError('--sort goes with lists', 'leave out --sort')
      if (flags['exit-code'] && !flags['dry-run']) throw usageError('--exit-code goes with --dry-run')
      const {wanted, named} = wantedIn(resources, await sourcesOf(context))
      if (named.size === 0) throw usageError('the files hold nothing', 'a list below the word of a resource')
      const plan = await planOf(
        context,
        resources.filter(one => named.has(one)),
        wanted,
      )
      const lines = plan.flatMap(({steps}) => steps.map(lineOf))
      const changing = lines.filter(({action}) => action !== 'same')
      const summary = summaryOf(lines)
      if (flags['dry-run']) {
        await print(context, lines, 0)
        speech.note(summary)
        if (flags['exit-code'] && changing.length > 0)
          throw new PanelctlError('CHECK_FAILED', `the panel is not as the files say: ${summary}`)
        return
      }
      if (changing.length > 0 && !flags.yes) {
        for (const line of changing) speech.note(printable(wordsOf(line)))
        const dangers = plan.flatMap(({steps}) =>
          steps.flatMap(step => step.resource.danger?.(changedOf(step)) ?? []),
        )
        await confirm(context, [...dangers, `${summary}. Go on?`])
      }
      const done = await carryOutAll(context, plan)
      const outcomes = done.map(({outcome}) => outcome)
      const problem = problemOf(outcomes)
      // Where nothing went well the error says all of it.
      if (!problem || problem.code === 'PARTIAL') {
        const told = done.map(({line, outcome}) => ({
          ...line,
          changed: outcome.changed,
          error: outcome.problem && {code: outcome.problem.code, message: outcome.problem.message},
        }))
        await print(context, told, outcomes.filter(({changed}) => changed).length)
      }
      context.toldAll()
      if (problem) throw problem
      speech.note(doneOf(done))
    },
    ['sort'],
  )
}

function lineOf({kind, resource, name, changes}: Step): Line {
  const shown = changes.map(({field, from, to}) =>
    resource.fields[field]?.secret ? {field, from: null, to: MASK} : {field, from, to},
  )
  return {action: kind, resource: wordOf(resource), name, changes: shown}
}

function summaryOf(lines: readonly Line[]): string {
  const count = (action: Step['kind']) => lines.filter(line => line.action === action).length
  return `${count('create')} to create, ${count('change')} to change, ${count('delete')} to delete, ${count('same')} the same`
}

/** The same of what was done. Another run may have done some of it before. */
function doneOf(done: readonly Done[]): string {
  const count = (action: Step['kind']) =>
    done.filter(({line, outcome}) => outcome.changed && line.action === action).length
  const same = done.filter(({outcome}) => !outcome.changed).length
  return `${count('create')} created, ${count('change')} changed, ${count('delete')} deleted, ${same} the same`
}

function wordsOf({action, resource, name, changes}: Line): string {
  return [`${action} ${resource} ${name}`, changesIn(action, changes)].filter(Boolean).join(': ')
}

function changesIn(action: Step['kind'], changes: Line['changes']): string | null {
  if (action !== 'change') return null
  const written = (value: unknown) => JSON.stringify(value ?? null)
  return changes.map(({field, from, to}) => `${field} ${written(from)} → ${written(to)}`).join(', ')
}

const columns: Columns<Line> = {
  action: ({action}) => action,
  resource: ({resource}) => resource,
  name: ({name}) => name,
  changes: ({action, changes}) => changesIn(action, changes),
}

async function print(context: ApplyContext, lines: readonly Line[], changed: number): Promise<void> {
  const hasFailed = lines.some(({error}) => error)
  const text = await renderRows<Line>({
    ...outputOptions(context),
    rows: lines.filter(({action, error}) => action !== 'same' || error),
    data: {changed, steps: lines},
    columns: {...columns, ...(hasFailed ? {result: ({error}) => error?.code ?? 'done'} : {})},
  })
  await writeOut(context.io, text)
}

/** The texts of the files, of those in folders by their names. */
async function sourcesOf(context: ApplyContext): Promise<Source[]> {
  const {file: files} = context.flags
  if (files.length === 0)
    throw usageError('missing required flag --file', 'give a file, a folder, or - for stdin')
  if (files.filter(file => file === '-').length > 1) throw usageError('stdin is one file only')
  const sources: Source[] = []
  for (const file of files) {
    const isFolder = file !== '-' && (await stat(file).catch(() => undefined))?.isDirectory()
    const names = isFolder
      ? (await readdir(file, {withFileTypes: true}))
          .filter(entry => !entry.isDirectory() && /\.(ya?ml|json)$/i.test(entry.name))
          .map(({name}) => join(file, name))
          .toSorted()
      : [file]
    if (names.length === 0) throw usageError(`there are no YAML or JSON files in ${file}`)
    for (const name of names) {
      sources.push({where: name === '-' ? 'stdin' : name, text: await textOfFile(name, context)})
    }
  }
  return sources
}

interface Done {
  readonly line: Line
  readonly outcome: Outcome<Thing>
}

/** One resource after the other, each looked at again first: what it leads to may have been made just now. */
async function carryOutAll(context: ApplyContext, plan: readonly Part[]): Promise<Done[]> {
  const {api, flags} = context
  const read = readings(api)
  let lost: PanelctlError | undefined
  const done: Done[] = []
  const carry = (resource: Resource, steps: readonly Step[], plannedAgain: (seen: Seen) => Planned[]) =>
    inTurn(context, turnOf(resource), flags['lock-timeout'], async () => {
      const failed = (problem: PanelctlError | undefined) =>
        steps.map((step): Done => ({line: lineOf(step), outcome: {name: step.name, problem}}))
      if (lost) return done.push(...failed(lost))
      const outcomes = await read
        .seeAgain(resource)
        .then(seen => takeSteps(context, {read, seen}, plannedAgain(seen)))
        .catch((error: unknown) => {
          if (!(error instanceof PanelctlError)) throw error
          return steps.map(({name}): Outcome<Thing> => ({name, problem: error}))
        })
      // Whoever does not let us in, or is gone, does not take the rest either.
      lost = outcomes
        .flatMap(({problem}) => problem ?? [])
        .find(({code}) => ['AUTH', 'UNREACHABLE'].includes(code))
      return done.push(
        ...steps.flatMap((step, index) => ({line: lineOf(step), outcome: outcomes[index] ?? {}})),
      )
    })
  for (const {resource, wanted, steps} of plan) {
    const own = steps.slice(0, wanted.length)
    await carry(resource, own, seen =>
      wanted.map(one => planned(seen, one, flags['with-secrets'] ? 'send' : 'leave')),
    )
  }
  for (const {resource, removals} of plan.toReversed()) {
    if (removals.length === 0) continue
    await carry(resource, removals, seen =>
      removals.map(({name, row}) => ({
        name,
        ...(seen.rows.some(({id}) => id === row?.id) && row
          ? {step: removal(seen, row)}
          : {outcome: {changed: false}}),
      })),
    )
  }
  return done
}

function planned(seen: Seen, one: Wanted, untold: 'send' | 'leave'): Planned {
  try {
    return {name: one.name, step: stepOf(seen, one, untold)}
  } catch (error) {
    if (!(error instanceof PanelctlError)) throw error
    return {name: one.name, outcome: {problem: error}}
  }
}
