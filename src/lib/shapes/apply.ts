import {readdir, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {type Command, type Context, defineCommand} from '../command/command.js'
import {tableFlags} from '../command/global-flags.js'
import {writeOut} from '../command/io.js'
import {PanelctlError, usageError} from '../errors.js'
import {arg, flag} from '../flags/flags.js'
import {documentText, formats} from '../output/formats.js'
import {compareNatural} from '../output/natural.js'
import {printable} from '../output/printable.js'
import {checkOutputFlags, renderRows} from '../output/render.js'
import {
  change,
  creation,
  type Resource,
  type Row,
  readings,
  removal,
  rowOf,
  type Seen,
  type Step,
  type Values,
  valuesOf,
  wordOf,
} from '../resource/resource.js'
import {schemaOf} from '../resource/schema.js'
import {type Source, type Wanted, wantedIn} from '../resource/wanted.js'
import {confirm} from './confirm.js'
import {textOfFile} from './document-flags.js'
import {type Outcome, problemOf} from './each.js'
import {inFittingFormat, outputOptions} from './output-options.js'
import {turnOf} from './resource.js'
import {showCommand} from './show.js'
import {type Planned, type Thing, takeSteps} from './take-steps.js'
import {inTurn, turnFlags} from './turn.js'

/** What a panel keeps, in the order that references need. */
interface Kept {
  /** What the commands begin with: `nezha`. */
  readonly topic: string
  readonly resources: readonly Resource[]
}

/** What is there, as a file that `apply` takes. */
export function exportCommand({topic, resources}: Kept): Command {
  const words = resources.map(wordOf)
  const args = {
    resource: arg.choice(words, {
      summary: `what to export: ${words.join(', ')}; all without it`,
      multiple: true,
    }),
  }
  return defineCommand(
    {
      summary: 'print what the panel keeps, as a file for apply',
      description:
        'By names, without ids; secrets only with --show-secrets. What is left out stays as it is where the file is applied.',
      examples: [`${topic} export`, `${topic} export ${words.at(0)} ${words.at(1)}`],
      args,
    },
    {},
    async given => {
      const context = inFittingFormat(given, run =>
        checkOutputFlags({...outputOptions(run), hasRows: false, hasId: false}),
      )
      const {
        api,
        args: {resource: chosen},
        flags,
      } = context
      const read = readings(api)
      const document: Record<string, Values[]> = {}
      for (const resource of resources) {
        const word = wordOf(resource)
        if (chosen && chosen.length > 0 && !chosen.some(one => one === word)) continue
        const seen = await read.see(resource)
        // By name: ids are in the order in which things were made, which is another one elsewhere.
        const rows = seen.rows.toSorted(byName(resource.key))
        document[word] = rows.map(row => exported(seen, valuesOf(seen, row), flags['show-secrets']))
      }
      const format = formats[context.format].carries === 'table' ? 'yaml' : context.format
      await writeOut(context.io, await documentText(format, document))
    },
    tableFlags,
  )
}

function byName(key: string) {
  return ({wire: one}: Row, {wire: other}: Row) => compareNatural(String(one[key]), String(other[key]))
}

/** Values without what is nobody's to know, or is not known. */
function exported({resource: {fields}}: Seen, values: Values, showsSecrets: boolean): Values {
  const entries = Object.entries(values).filter(
    ([name, value]) => !fields[name]?.told && (!fields[name]?.secret || (showsSecrets && value !== null)),
  )
  return Object.fromEntries(entries)
}

/** The JSON Schema of the files, for editors. */
export function schemaCommand({topic, resources}: Kept): Command {
  return showCommand({
    summary: 'print the JSON Schema of the files that apply takes',
    examples: [`${topic} schema`],
    local: true,
    fetch: async () => schemaOf(resources),
  })
}

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
  readonly error?: object | undefined
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
        await confirm(context, [`${summary}. Go on?`])
      }
      const done = await carryOutAll(context, plan)
      const outcomes = done.map(({outcome}) => outcome)
      await print(
        context,
        done.map(({line, outcome}) => ({
          ...line,
          changed: outcome.changed,
          error: outcome.problem && {code: outcome.problem.code, message: outcome.problem.message},
        })),
        outcomes.filter(({changed}) => changed).length,
      )
      context.toldAll()
      const problem = problemOf(outcomes)
      if (!problem) return speech.note(summary)
      // Of several that all failed alike some may have been done by others meanwhile.
      throw problem
    },
    ['sort'],
  )
}

function lineOf({kind, resource, name, changes}: Step): Line {
  const shown = changes.map(({field, from, to}) =>
    resource.fields[field]?.secret ? {field, from: null, to: null} : {field, from, to},
  )
  return {action: kind, resource: wordOf(resource), name, changes: shown}
}

function summaryOf(lines: readonly Line[]): string {
  const count = (action: Step['kind']) => lines.filter(line => line.action === action).length
  return `${count('create')} to create, ${count('change')} to change, ${count('delete')} to delete, ${count('same')} the same`
}

function wordsOf({action, resource, name, changes}: Line): string {
  return [`${action} ${resource} ${name}`, changesIn(action, changes)].filter(Boolean).join(': ')
}

function changesIn(action: Step['kind'], changes: Line['changes']): string | null {
  if (action !== 'change') return null
  const written = (value: unknown) => JSON.stringify(value ?? null)
  return changes.map(({field, from, to}) => `${field} ${written(from)} → ${written(to)}`).join(', ')
}

async function print(context: ApplyContext, lines: readonly Line[], changed: number): Promise<void> {
  const text = await renderRows<Line>({
    ...outputOptions(context),
    rows: lines.filter(({action, error}) => action !== 'same' || error),
    data: {changed, steps: lines},
    columns: {
      action: ({action}) => action,
      resource: ({resource}) => resource,
      name: ({name}) => name,
      changes: ({action, changes}) => changesIn(action, changes),
    },
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
      ? (await readdir(file))
          .filter(name => /\.(ya?ml|json)$/i.test(name))
          .toSorted()
          .map(name => join(file, name))
      : [file]
    if (names.length === 0) throw usageError(`there are no YAML or JSON files in ${file}`)
    for (const name of names) {
      sources.push({where: name === '-' ? 'stdin' : name, text: await textOfFile(name, context)})
    }
  }
  return sources
}

/** What is to be done of one resource. */
interface Part {
  readonly resource: Resource
  readonly wanted: readonly Wanted[]
  readonly steps: readonly Step[]
  /** Deleted at the end, when nothing leads to them any more. */
  readonly removals: readonly Step[]
}

async function planOf(
  {api, flags, speech}: ApplyContext,
  resources: readonly Resource[],
  wanted: readonly Wanted[],
): Promise<Part[]> {
  const read = readings(api)
  const parts: Part[] = []
  for (const resource of resources) {
    const own = wanted.filter(one => one.resource === resource)
    const seen = withPlanned(await read.see(resource), wanted)
    const names = new Set(own.map(({name}) => name))
    const removals =
      flags.prune && resource.remove
        ? seen.rows.map(row => removal(seen, row)).filter(({name}) => !names.has(name))
        : []
    const steps = own.map(one =>
      stepOf(seen, one, field =>
        speech.warn(
          `${one.where} makes the ${resource.noun} ${one.name} without its ${field}: exports have no secrets`,
        ),
      ),
    )
    parts.push({resource, wanted: own, steps: [...steps, ...removals], removals})
  }
  return parts
}

/** The step that brings a thing to what a file says; a mistake is told with its line. */
function stepOf(
  seen: Seen,
  {name, values, where}: Wanted,
  lacking: (field: string) => void = () => {},
): Step {
  try {
    const {resource} = seen
    const isThere = seen.rows.some(({wire}) => wire[resource.key] === name)
    return isThere ? change(seen, rowOf(seen, name), values) : creation(seen, values, lacking)
  } catch (error) {
    if (!(error instanceof PanelctlError)) throw error
    throw new PanelctlError(error.code, `${where}: ${error.message}`, {hint: error.hint, panel: error.panel})
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
    await carry(resource, own, seen => wanted.map(one => planned(seen, one)))
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

function planned(seen: Seen, one: Wanted): Planned {
  try {
    return {name: one.name, step: stepOf(seen, one)}
  } catch (error) {
    if (!(error instanceof PanelctlError)) throw error
    return {name: one.name, outcome: {problem: error}}
  }
}
