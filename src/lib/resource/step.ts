import {isDeepStrictEqual} from 'node:util'
import {PanelctlError, usageError} from '../errors.js'
import {panelctl} from '../hint.js'
import {
  checkValues,
  type Field,
  Misfit,
  named,
  type PanelAsked,
  type Resource,
  type Row,
  type Seen,
  type Values,
  valuesOf,
  withArticle,
} from './resource.js'
import {goneOf, type Stray, straysIn, unlistedIn, withoutStrays, withStrays} from './stray.js'
import type {Lookup} from './target.js'

/** Whether the panel does not tell what a row has in a field. */
function isHidden({kind, secret, once}: Field, wire: unknown): boolean {
  return once === true || (secret === true && isDeepStrictEqual(wire ?? kind.zero, kind.zero))
}

/** What may be led to from a row: also what is gone, and stands there by its id. */
function withGone(seen: Pick<Seen, 'resource' | 'lookup'>, row: Row): Lookup {
  const gone = unlistedIn(seen, row)
  return target => [
    ...seen.lookup(target),
    ...gone.filter(stray => stray.target.list === target.list).map(({id}) => ({id, name: ''})),
  ]
}

/** A field that is not as it is to be. */
export interface Change {
  readonly field: string
  readonly from: unknown
  readonly to: unknown
}

/** One thing that is to be done, or is so already. */
export interface Step {
  readonly resource: Resource
  readonly name: string
  readonly kind: 'create' | 'change' | 'delete' | 'same'
  readonly row?: Row
  readonly changes: readonly Change[]
  /** What is to go to the panel. */
  readonly wanted: Row['wire']
  /** What it leads to, and no list has, in fields that stay as they are. */
  readonly strays?: readonly Stray[]
}

/** @throws PanelctlError why the names are not known of what a value leads to */
function sentOf({resource: {fields}, unread}: Seen, values: Values, lookup: Lookup): Row['wire'] {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const kind = fields[name]?.kind
      const list = kind?.targets.find(target => unread.has(target.list))?.list
      if (list !== undefined && !isDeepStrictEqual(value, kind?.empty)) throw unread.get(list)
      return [name, kind?.sent(value, lookup)]
    }),
  )
}

/** @throws PanelctlError USAGE */
function checkWhole(resource: Resource, values: Values): void {
  const problem = resource.check?.(values)
  if (problem === undefined) return
  const [field = ''] = /^\w+/.exec(problem) ?? []
  throw new Misfit(field, problem.slice(field.length))
}

/**
 * What makes a new one.
 * @param lacking is told of a secret that is missing, where one is made without it
 * @throws PanelctlError USAGE where a field is missing or leads to several, NOT_FOUND where it leads to nothing
 */
export function creation(seen: Seen, values: Values, lacking?: (field: string) => void): Step {
  const {resource, lookup} = seen
  const {fields, noun, key, panel, topic} = resource
  if (!resource.create)
    throw new PanelctlError('NOT_FOUND', `there is no ${noun} "${String(values[key])}", and none is made`, {
      hint: panelctl(`${topic} list`),
      panel: panel.name,
    })
  checkValues(resource, values)
  const all: Record<string, unknown> = {}
  for (const [name, {kind, required, initial, secret, told}] of Object.entries(fields)) {
    if (told) continue
    const isLacking = required && values[name] === undefined
    if (isLacking && !(secret && lacking)) throw usageError(`a new ${noun} needs ${name}`)
    if (isLacking) lacking?.(name)
    all[name] = values[name] ?? initial ?? kind.empty
  }
  checkWhole(resource, all)
  const changes = Object.keys(values).map(field => ({field, from: null, to: values[field]}))
  return {resource, name: String(all[key]), kind: 'create', changes, wanted: sentOf(seen, all, lookup)}
}

/**
 * What brings a row to these values: those that it has not.
 * @param untold what comes of values that the panel tells to nobody, so that none can say whether it has them
 */
export function change(seen: Seen, row: Row, values: Values, untold: 'send' | 'leave' = 'send'): Step {
  const {resource} = seen
  const lookup = withGone(seen, row)
  checkValues(resource, values)
  const before = valuesOf(seen, row)
  checkWhole(resource, {...before, ...values})
  const wanted = sentOf(seen, values, lookup)
  const isSo = (name: string) => {
    const field = resource.fields[name]
    // What is taken only once is left.
    if (!field || field.once) return true
    if (isHidden(field, row.wire[name])) return untold === 'leave'
    return isDeepStrictEqual(wanted[name], field.kind.sent(field.kind.told(row.wire[name], lookup), lookup))
  }
  const changes = Object.keys(values)
    .filter(name => !isSo(name))
    .map(field => ({field, from: before[field], to: values[field]}))
  const {name} = named(resource, row)
  const [first] = changes
  if (first && !resource.update) {
    const text = `${first.field}: ${withArticle(resource.noun)} cannot be changed, as ${resource.panel.title} has no call for it`
    throw new PanelctlError('REJECTED', text, {
      hint: 'delete it and make it anew',
      panel: resource.panel.name,
    })
  }
  const strays = straysIn(seen, row).filter(stray => changes.every(({field}) => field !== stray.field))
  return {resource, name, kind: changes.length === 0 ? 'same' : 'change', row, changes, wanted, strays}
}

export function removal({resource}: Seen, row: Row): Step {
  return {resource, name: named(resource, row).name, kind: 'delete', row, changes: [], wanted: {}}
}

/** What a step changes, on the wire. */
export function changedOf({changes, wanted}: Step): Row['wire'] {
  return Object.fromEntries(changes.map(({field}) => [field, wanted[field]]))
}

/**
 * Sends what a step takes, once; a change that is refused with what is gone in it once more, without that.
 * @returns what was taken out
 * @throws PanelctlError as the client's `call`, DryRun under `--dry-run`
 */
export async function carryOut(panel: PanelAsked, step: Step): Promise<readonly Stray[]> {
  const {resource, kind, row, wanted, strays = []} = step
  const changed = changedOf(step)
  if (kind === 'create' || kind === 'change') await resource.refuses?.(panel, changed)
  if (kind === 'create') await resource.create?.(panel.call, wanted)
  if (kind === 'delete' && row) await resource.remove?.(panel.call, row)
  if (kind !== 'change' || !row) return []
  const zeros = Object.entries(resource.fields).flatMap(([name, {kind, told}]) =>
    told ? [] : [[name, kind.zero]],
  )
  const send = async (wire: Row['wire']) =>
    resource.update?.(panel.call, row, {...Object.fromEntries(zeros), ...wire, ...changed}, changed)
  return send(row.wire).then(
    () => [],
    async (error: unknown) => {
      const isRefused = error instanceof PanelctlError && ['REJECTED', 'AUTH'].includes(error.code)
      const gone = isRefused && strays.length > 0 ? await goneOf(panel.call, strays) : []
      const mended = withoutStrays(resource, row.wire, gone)
      if (isDeepStrictEqual(mended, row.wire)) throw isRefused ? withStrays(resource, error, strays) : error
      await send(mended)
      return gone
    },
  )
}

/**
 * The row that a step has led to, as it is listed afterwards.
 * @throws PanelctlError UNCERTAIN where it is not as it was sent: panels accept what they drop
 */
export function afterwards(
  {resource, lookup, rows}: Seen,
  {name, kind, row, changes, wanted}: Step,
): Row | undefined {
  const accepted = resource.isOne ? name : `${resource.noun} ${name}`
  const fail = (what: string) => {
    throw new PanelctlError('UNCERTAIN', `the panel accepted the ${accepted}, and ${what}`, {
      hint: panelctl(resource.lookWith ?? `${resource.topic} list`),
      panel: resource.panel.name,
    })
  }
  if (kind === 'delete') return rows.some(({id}) => id === row?.id) ? fail('lists it still') : undefined
  const {key, fields} = resource
  const found = row
    ? rows.find(({id}) => id === row.id)
    : rows.filter(({wire}) => wire[key] === wanted[key]).at(-1)
  if (!found) return fail('does not list it')
  const known = withGone({resource, lookup}, found)
  const others = changes.flatMap(({field}) => {
    const of = fields[field]
    if (!of || isHidden(of, found.wire[field])) return []
    const told = of.kind.sent(of.kind.told(found.wire[field], known), known)
    return isDeepStrictEqual(told, wanted[field]) ? [] : field
  })
  return others.length === 0 ? found : fail(`shows another ${others.join(', ')}`)
}

/** What was to change of a row and is told to nobody: no look shows whether it did. */
export function untoldOf({fields}: Resource, {wire}: Row, names: readonly string[]): string[] {
  return names.filter(name => {
    const field = fields[name]
    return field !== undefined && isHidden(field, wire[name])
  })
}
