import type {Command} from '../command/command.js'
import {confirmFlags} from '../command/global-flags.js'
import {missingWords, PanelctlError, type Reason, usageError} from '../errors.js'
import {arg, type Flags, flag} from '../flags/flags.js'
import {panelctl} from '../hint.js'
import type {Unneeded} from '../outcome.js'
import {type Columns, hidden} from '../output/columns.js'
import {
  checkValues,
  type Field,
  named,
  type Resource,
  type Row,
  readings,
  rowOf,
  type Seen,
  type Values,
  valuesOf,
  withArticle,
} from '../resource/resource.js'
import {afterwards, change, changedOf, creation, type Step} from '../resource/step.js'
import {goneOf, straysOf, strayWords, unlistedIn} from '../resource/stray.js'
import {typed} from '../resource/target.js'
import {shellWord} from '../shell-word.js'
import {actionCommand} from './action.js'
import {confirm} from './confirm.js'
import {failedOne, type Outcome} from './each.js'
import {leftAlone} from './left-alone.js'
import {listCommand} from './list.js'
import {flagNameOf, givenValues, resourceFlags, toldByFlag} from './resource-flags.js'
import {showCommand} from './show.js'
import {type Planned, type ResourceRun, type Thing, takeStep, takeSteps, thing} from './take-steps.js'
import {sayUntold} from './untold.js'

/** Fields as columns; on a page of one thing all of them. */
export function resourceColumns({fields}: Pick<Resource, 'fields'>, isPage = false): Columns<Values> {
  const columns: Columns<Values> = {}
  for (const [name, {kind, secret, aside, once}] of Object.entries(fields)) {
    const cell = (row: Values) => kind.cell(row[name])
    if (!once) columns[name] = isPage || !(secret || aside) ? cell : hidden(cell)
  }
  return columns
}

function columnsOf(resource: Resource, isPage = false): Columns<Thing> {
  return {id: ({id}) => id, ...resourceColumns(resource, isPage)}
}

/** What a shell completes the name of one from. */
export function namesOf({topic, key, idColumn = 'id', isCalledById}: Resource): string {
  return `${topic} list --columns ${isCalledById ? idColumn : `${key},${idColumn}`}`
}

/** A resource as it is, with a word on what the credential may not read. */
async function shown(resource: Resource, {api, speech}: ResourceRun): Promise<Seen> {
  const seen = await readings(api, 'or-ids').see(resource)
  const ids = new Set(seen.rows.flatMap(row => unlistedIn(seen, row).map(({target}) => target.list)))
  for (const [list, {message}] of seen.unread) {
    if (ids.has(list)) speech.note(`ids in the place of names of ${list}: ${message}`)
  }
  return seen
}

/** A word on what leads nowhere. */
export async function sayStrays({api, speech}: ResourceRun, seen: Seen, rows: readonly Row[]): Promise<void> {
  const strays = straysOf(seen, rows)
  for (const text of strayWords(strays, await goneOf(api, strays))) speech.note(text)
}

/** A list of all there are. */
export function resourceList(resource: Resource): Command {
  const {topic, many, key, remark} = resource
  return listCommand({
    summary: `list the ${many}`,
    ...(remark ? {description: remark} : {}),
    examples: [`${topic} list`, `${topic} list --sort ${key}`],
    noun: many,
    async fetch(run) {
      const seen = await shown(resource, run)
      await sayStrays(run, seen, seen.rows)
      if (run.flags['show-secrets']) await sayUntold(run, seen, run.speech.note)
      return seen.rows.map(row => thing(seen, row, run))
    },
    none: async ({client}) => resource.whyNone?.(client(resource.panel)),
    columns: columnsOf(resource),
    id: ({id}) => id,
  })
}

/** All fields of one. */
export function resourceShow(resource: Resource): Command {
  const {topic, noun} = resource
  return showCommand({
    summary: `show ${withArticle(noun)}`,
    examples: [`${topic} show ${sampleName(resource)}`],
    args: {name: arg.text({summary: 'id or unique name', required: true, among: namesOf(resource)})},
    async fetch(run) {
      const seen = await shown(resource, run)
      const row = rowOf(seen, typed(run.args.name))
      await sayStrays(run, seen, [row])
      await sayUntold(run, seen, run.speech.note)
      return thing(seen, row, run)
    },
    columns: columnsOf(resource, true),
    id: ({id}) => id,
  })
}

export function sampleName({example}: Resource): string {
  return example.split(' ')[0] ?? ''
}

/** What no other run changes meanwhile. */
export function turnOf({panel, many}: Resource) {
  return {panel, names: [many]}
}

/** @throws PanelctlError where another row has what no two can have */
export function checkUnique(
  {resource, rows}: Seen,
  step: Step,
  {own, reason}: {own?: Row | undefined; reason: Reason | undefined},
): void {
  // What nobody gave is empty in a new one, and not sent.
  for (const [name, value] of Object.entries(changedOf(step))) {
    const {unique, secret} = resource.fields[name] ?? {}
    const twin = unique && rows.find(row => row.id !== own?.id && row.wire[name] === value)
    if (twin) {
      const what = secret ? `this ${name}` : `the ${name} ${String(value)}`
      throw new PanelctlError('REJECTED', isThere(resource, twin, ` with ${what}`), {
        reason,
        panel: resource.panel.name,
      })
    }
  }
}

function isThere(resource: Resource, row: Row, what = ''): string {
  return `the ${resource.noun} ${named(resource, row).name} exists${what} (${row.id})`
}

function existing(resource: Resource, row: Row, hint?: string): PanelctlError {
  return new PanelctlError('REJECTED', isThere(resource, row), {
    reason: 'exists',
    hint,
    panel: resource.panel.name,
  })
}

/** A flag of every command that was given for a field of its name: `--url` leads to the panel, and the credential with it. */
function takenForAnother(
  {noun}: Resource,
  missing: readonly (readonly [string, Field])[],
  given: Readonly<Record<string, unknown>>,
): PanelctlError | undefined {
  const [name, field] = missing.find(([name, {secret}]) => secret && given[name] !== undefined) ?? []
  if (name === undefined || field === undefined) return undefined
  const own = `--${flagNameOf(name, field)}`
  return usageError(
    `--${name} is where the panel is; the ${name} of ${withArticle(noun)} comes with ${own}`,
    `write it to a file for ${own}, or give it on stdin with ${own} -`,
  )
}

/** A new one. */
export function resourceCreate(resource: Resource, verb = 'create'): Command {
  const {topic, noun, key, fields, example, remark} = resource
  return actionCommand({
    summary: `make ${withArticle(noun)}`,
    ...(remark ? {description: remark} : {}),
    examples: [`${topic} ${verb} ${example}`, `${topic} ${verb} ${sampleName(resource)} --file fields.yaml`],
    args: {name: arg.text({summary: fields[key]?.summary ?? 'its name', required: true})},
    flags: resourceFlags(resource, name => name !== key),
    creates: true,
    turn: () => turnOf(resource),
    async perform(run): Promise<Thing | Unneeded<Thing>> {
      const values = {...(await givenValues(resource, run)), [key]: run.args.name}
      const missing = Object.entries(fields).filter(
        ([name, field]) => field.required && !field.told && values[name] === undefined,
      )
      const taken = takenForAnother(resource, missing, run.flags)
      if (taken) throw taken
      const read = readings(run.api, 'or-ids')
      const seen = await read.see(resource)
      const twin = seen.rows.find(({wire}) => wire[key] === run.args.name)
      if (twin && run.flags['if-exists'] === 'skip')
        return {result: thing(seen, twin, run), unneeded: existing(resource, twin).message}
      if (twin) throw existing(resource, twin, 'to leave it as it is: --if-exists skip')
      if (missing.length > 0)
        throw usageError(
          missingWords(
            'required flag',
            missing.map(([name, field]) => `--${flagNameOf(name, field)}`),
          ),
          'or the same in the file that --file names',
        )
      const step = toldByFlag(resource, run, () => creation(seen, values))
      // Another one is not what --if-exists leaves as it is.
      checkUnique(seen, step, {reason: run.flags['if-exists'] === 'skip' ? undefined : 'exists'})
      await takeStep(run, step)
      const found = await read.seeAgain(resource)
      const row = afterwards(found, step)
      if (!row) throw new TypeError(`${noun} was not made`)
      return thing(found, row, run)
    },
    columns: columnsOf(resource),
    id: ({id}) => id,
    done: ({args}) => `made the ${noun} ${args.name}`,
  })
}

/** One that is meant: by which name, and its row. */
export interface Meant {
  readonly name: string
  row(): Row
}

export function meantBy(seen: Seen, names: readonly string[], reason?: Reason): Meant[] {
  const besides = names.map(typed)
  return names.map(name => ({name, row: () => rowOf(seen, typed(name), {reason, besides})}))
}

/** The steps of those that are meant, each once; what is wrong with one stops no other. */
export function planned(
  all: readonly Meant[],
  plan: (row: Row) => Step | Outcome<Thing>,
  flags: object = {},
): Planned[] {
  const met = new Set<Row>()
  return all.flatMap(({name, row}) => {
    try {
      const found = row()
      if (met.has(found)) return []
      met.add(found)
      const made = plan(found)
      return {name, ...('kind' in made ? {step: made} : {outcome: made})}
    } catch (error) {
      if (!(error instanceof PanelctlError)) throw error
      return {name, outcome: settled(failedOne(error), flags)}
    }
  })
}

function settled(failed: Outcome<never>, flags: object): Outcome<never> {
  try {
    return leftAlone(failed.problem, flags)
  } catch {
    return failed
  }
}

/** Changes of one or many, each merged into what the panel has. */
export function resourceEdit(resource: Resource): Command {
  const {topic, noun, many, key, fields, selectors = {}, derived = {}} = resource
  const flags: Flags = {
    ...resourceFlags(resource, (_name, {once, fixed}) => !once && !fixed),
    ...Object.fromEntries(
      Object.entries(derived).map(([name, {summary}]) => [name, flag.boolean({summary})]),
    ),
    ...(Object.values(derived).some(({danger}) => danger) ? confirmFlags : {}),
    all: flag.boolean({summary: `all ${many}`}),
    ...Object.fromEntries(
      Object.entries(selectors).map(([name, {summary}]) => [
        name,
        flag.text({summary, placeholder: 'name', filled: true}),
      ]),
    ),
  }
  const sample = changeable(resource)
  return actionCommand({
    summary: `change ${many}`,
    description: 'What is not given stays as it is.',
    examples: [
      `${topic} edit ${sampleName(resource)} ${sample}`.trim(),
      `${topic} edit --all --file fields.yaml`,
    ],
    args: {name: arg.text({summary: 'ids or unique names', each: true, among: namesOf(resource)})},
    flags,
    turn: () => turnOf(resource),
    async performAll(run, names) {
      const values = await givenValues(resource, run)
      const given: Readonly<Record<string, unknown>> = run.flags
      const following = Object.entries(derived).filter(([name]) => given[name] === true)
      if (Object.keys(values).length + following.length === 0)
        throw (
          takenForAnother(resource, Object.entries(resource.fields), given) ??
          usageError('nothing to change was given', 'say what with flags or --file')
        )
      toldByFlag(resource, run, () => checkValues(resource, values))
      const twice = following.find(([, {field}]) => values[field] !== undefined)
      if (twice) throw usageError(`--${twice[0]} and a value for ${twice[1].field} contradict each other`)
      const read = readings(run.api, 'or-ids')
      const seen = await read.see(resource)
      const chosen = Object.entries(selectors).filter(([name]) => given[name] !== undefined)
      const isWide = given.all === true || chosen.length > 0
      if (isWide === names.length > 0)
        throw usageError(
          isWide ? 'names, and flags that choose, contradict each other' : `which ${noun} is to change?`,
          `give ${['names', ...Object.keys(selectors).map(name => `--${name}`)].join(', ')} or --all`,
        )
      const single = Object.keys(values).find(name => name === key || fields[name]?.unique)
      if (single !== undefined && (isWide || names.length > 1))
        throw usageError(`several ${many} cannot have one ${single === key ? 'name' : single}`)
      const taken = seen.rows.find(row => named(resource, row).name === values[key])
      if (taken && !names.some(name => [String(taken.id), values[key]].includes(name)))
        throw existing(resource, taken)
      const rows = seen.rows.filter(row =>
        chosen.every(([name, {has}]) => has(valuesOf(seen, row), String(given[name]))),
      )
      if (isWide && rows.length === 0)
        throw new PanelctlError(
          'NOT_FOUND',
          `there are no ${many}${chosen.map(([name]) => ` --${name} ${shellWord(String(given[name]))}`).join('')}`,
          {hint: panelctl(`${topic} list`), panel: resource.panel.name},
        )
      const meant = isWide
        ? rows.map(row => ({name: named(resource, row).name, row: () => row}))
        : meantBy(seen, names)
      const plan = planned(meant, row => {
        const known = {...valuesOf(seen, row), ...values}
        let more: Values
        try {
          more = Object.fromEntries(following.map(([, {field, from}]) => [field, from(known, run.now())]))
        } catch (error) {
          // Of one that was only chosen with others that is no failure: done again for its sake, the others would have it twice.
          if (!isWide || !(error instanceof PanelctlError)) throw error
          const note = `the ${noun} ${named(resource, row).name} stays as it is: ${error.message}`
          return {changed: false, note: () => note}
        }
        const step = toldByFlag(resource, run, () => change(seen, row, {...values, ...more}))
        checkUnique(seen, step, {own: row, reason: 'exists'})
        return step
      })
      const dangers = isWide && !run.flags['dry-run'] && given.yes !== true ? following : []
      await confirm(
        run,
        dangers.flatMap(([, {danger}]) => danger ?? []),
      )
      return takeSteps(run, {read, seen}, plan)
    },
    columns: columnsOf(resource),
    id: ({id}) => id,
  })
}

/** The last flag of the example that changes one, with its value. */
function changeable({example, fields}: Resource): string {
  const [, ...words] = example.split(' --')
  const last = words.findLast(word =>
    Object.entries(fields).some(([name, field]) => word.startsWith(flagNameOf(name, field)) && !field.once),
  )
  return last === undefined ? '' : `--${last}`
}
