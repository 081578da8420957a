import {isDeepStrictEqual} from 'node:util'
import * as z from 'zod/mini'
import {PanelctlError, type Reason, usageError} from '../errors.js'
import {type Hint, panelctl} from '../hint.js'
import type {Api} from '../http/client.js'
import type {Panel} from '../http/panel.js'
import {isMask, MASK} from '../mask.js'
import {didYouMean} from '../nearest-names.js'
import {type Kind, problemIn} from './kind.js'
import {type Lookup, meant, type Named, type Target} from './target.js'

/** One field of a resource: flag, column, check, comparison and JSON Schema follow from it. */
export interface Field {
  readonly kind: Kind
  /** Of its flag. */
  readonly summary: string
  /** Its flag, where that is not its name with dashes. */
  readonly flag?: string
  /** There is no making one without it. */
  readonly required?: true
  /** What it is in one that is made without it; what its kind calls empty, else. */
  readonly initial?: unknown
  /** Never shown unless asked for, and unknown where the panel tells nothing: then it stays what it is. */
  readonly secret?: true
  /** The panel takes it when one is made, and never tells or changes it. */
  readonly once?: true
  /** It stays as it is. */
  readonly fixed?: true
  /** The panel tells it, and takes it from nobody. */
  readonly told?: true
  /** Not among the columns of a table that nobody chose. */
  readonly aside?: true
}

export type Fields = Readonly<Record<string, Field>>

/** The values of fields, by their names, as people write them. */
export type Values = Readonly<Record<string, unknown>>

/** What the panel tells of one: its id and its fields on the wire. */
export interface Row {
  readonly id: string | number
  readonly wire: Readonly<Record<string, unknown>>
}

/** A value that follows from what one has. */
export interface Derived {
  /** Of its flag. */
  readonly summary: string
  readonly field: string
  /** @throws PanelctlError REJECTED where nothing follows from it */
  from(values: Values, now: Date): unknown
}

/** A kind of things that a panel keeps: what there is to know to list, make, change and delete them. */
export interface Resource {
  readonly panel: Panel
  /** What its commands begin with: `nezha service`. */
  readonly topic: string
  /** The column of ids in its list, where that is not `id`. */
  readonly idColumn?: string
  /** The command that shows what there is, where that is not its `list`. */
  readonly lookWith?: string
  readonly noun: string
  readonly many: string
  /** The field that names one. */
  readonly key: string
  /** Several share their key as a matter of course: one is told and completed by its id. */
  readonly isCalledById?: true
  readonly fields: Fields
  /** The flags of an example that makes one. */
  readonly example: string
  /** What else there is to say of it in help. */
  readonly remark?: string
  /** What goes with one that is deleted. */
  readonly loss?: string
  /** Flags that choose which of many are to change. */
  readonly selectors?: Readonly<
    Record<string, {readonly summary: string; has(values: Values, given: string): boolean}>
  >
  /** Flags of an edit that make another value of a field out of what one has. */
  readonly derived?: Readonly<Record<string, Derived>>
  /** Why one is not to be deleted, and what to do instead; brings `--all` for all others. */
  spared?(values: Values): {readonly why: string; readonly instead: Hint} | undefined
  /** What is wrong with one as a whole: `scheduler: …`. */
  check?(values: Values): string | undefined
  /** @throws PanelctlError REJECTED for what this version would take and not keep: fields on the wire */
  refuses?(api: Api, asked: Row['wire']): Promise<void>
  /** All there are. */
  read(api: Api): Promise<readonly Row[]>
  /** Makes one: all fields on the wire, and those alone that were given. */
  create?(api: Api, form: Row['wire'], given: Row['wire']): Promise<unknown>
  /** Changes one: all fields on the wire, and those alone that are to change. */
  update?(api: Api, row: Row, form: Row['wire'], changed: Row['wire']): Promise<unknown>
  /** Deletes one that a list has just shown. */
  remove?(api: Api, row: Row): Promise<unknown>
}

/** What the panel tells of one, of whatever else it tells. */
export function wireOf(fields: Fields) {
  return z.looseObject(Object.fromEntries(Object.entries(fields).map(([name, {kind}]) => [name, kind.wire])))
}

/** The word that stands for it in files. */
export function wordOf({topic}: Resource): string {
  return topic.split(' ').at(-1) ?? topic
}

/** The things of a resource, for fields that lead to them. */
export function targetOf(resource: Resource): Target {
  return {
    noun: resource.noun,
    list: `${resource.topic} list`,
    named: async api => (await resource.read(api)).map(row => named(resource, row)),
  }
}

/** A row as others name it. */
export function named({key}: Resource, {id, wire}: Row): Named {
  return {id, name: String(wire[key] ?? '')}
}

/** A resource as it was read, with what its fields lead to. */
export interface Seen {
  readonly resource: Resource
  readonly rows: readonly Row[]
  readonly lookup: Lookup
  /** Lists that the credential may not read, by why: ids stand for the names in them. */
  readonly unread: ReadonlyMap<string, PanelctlError>
}

/**
 * What was read of a panel: each list once, until it is looked at again.
 * @param names whether what others are called has to be known, or ids do where the credential may not read it
 */
export function readings(api: Api, names: 'known' | 'or-ids' = 'known') {
  const lists = new Map<string, Promise<unknown>>()
  function once<Read>(key: string, read: () => Promise<Read>): Promise<Read> {
    const found = lists.get(key) ?? read()
    lists.set(key, found)
    // The same key is always the same list.
    return found as Promise<Read>
  }
  async function see(resource: Resource): Promise<Seen> {
    const targets = Object.values(resource.fields).flatMap(({kind}) => kind.targets)
    const unread = new Map<string, PanelctlError>()
    const namesOf = async (target: Target) => {
      try {
        return await once(target.list, () => target.named(api))
      } catch (error) {
        const mayNot = error instanceof PanelctlError && error.code === 'AUTH'
        if (names === 'known' || !mayNot) throw error
        unread.set(target.list, error)
        return []
      }
    }
    const [rows, ...lists] = await Promise.all([
      once(resource.topic, () => resource.read(api)),
      ...targets.map(async target => [target.list, await namesOf(target)] as const),
    ])
    const known = new Map(lists)
    return {resource, rows, lookup: target => known.get(target.list) ?? [], unread}
  }
  return {
    see,
    /**
     * After a write that was accepted.
     * @throws PanelctlError UNCERTAIN where it cannot be looked at
     */
    async seeAgain(resource: Resource): Promise<Seen> {
      lists.delete(resource.topic)
      lists.delete(`${resource.topic} list`)
      try {
        return await see(resource)
      } catch (error) {
        if (!(error instanceof PanelctlError)) throw error
        throw new PanelctlError('UNCERTAIN', `it was accepted, and cannot be looked at: ${error.message}`, {
          hint: panelctl(resource.lookWith ?? `${resource.topic} list`),
          panel: resource.panel.name,
          cause: error,
        })
      }
    },
  }
}

/** A row as people see it. What the panel keeps to itself is null. */
export function valuesOf(
  {resource: {fields}, lookup}: Pick<Seen, 'resource' | 'lookup'>,
  {wire}: Row,
): Values {
  const shown = Object.entries(fields).flatMap(([name, {kind, secret, once}]) => {
    if (once) return []
    const value = kind.told(wire[name], lookup)
    return [[name, secret && isDeepStrictEqual(value, kind.empty) ? null : value]]
  })
  return Object.fromEntries(shown)
}

/** The same without its secrets. */
export function withoutSecrets<Given extends Values>(
  {fields}: Pick<Resource, 'fields'>,
  values: Given,
): Given {
  const masked = Object.entries(fields).filter(
    ([name, {secret}]) => secret && (values[name] ?? null) !== null,
  )
  return {...values, ...Object.fromEntries(masked.map(([name]) => [name, MASK]))}
}

/** The row of that name or id; throws as `meant`. */
export function rowOf(
  {resource, rows}: Pick<Seen, 'resource' | 'rows'>,
  reference: string,
  reason?: Reason,
): Row {
  const candidates = rows.map(row => ({...named(resource, row), row}))
  return meant(candidates, reference, {noun: resource.noun, list: `${resource.topic} list`, reason}).row
}

/**
 * Checks what a person wrote of fields, of those alone that are given.
 * @throws PanelctlError USAGE
 */
export function checkValues({fields, noun}: Resource, values: Values): void {
  for (const [name, value] of Object.entries(values)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (!field) {
      const names = Object.keys(fields)
      throw usageError(
        `a ${noun} has no field "${name}"`,
        didYouMean(name, names, `fields: ${names.join(', ')}`),
      )
    }
    if (typeof value === 'string' && isMask(value)) {
      throw usageError(`${name}: ${MASK} is a mask, and no value`, 'leave it out, so that it stays as it is')
    }
    if (field.told) throw usageError(`${name}: the panel alone sets it`, 'leave it out')
    const problem = problemIn(field.kind, value)
    if (problem !== undefined) throw usageError(`${name}${problem.startsWith('[') ? '' : ': '}${problem}`)
    if (field.required && isNothing(value)) throw usageError(`${name}: a ${noun} cannot be without it`)
  }
}

function isNothing(value: unknown): boolean {
  return typeof value === 'string' ? value.trim() === '' : Array.isArray(value) && value.length === 0
}

/** Whether the panel does not tell what a row has in a field. */
function isHidden({kind, secret, once}: Field, wire: unknown): boolean {
  return once === true || (secret === true && isDeepStrictEqual(wire ?? kind.zero, kind.zero))
}

/** What may be led to from a row: also what is gone, and stands there by its id. */
function withGone({resource: {fields}, lookup}: Pick<Seen, 'resource' | 'lookup'>, {wire}: Row): Lookup {
  const leads = Object.entries(fields).flatMap(([name, {kind}]) => kind.leads(wire[name]))
  return target => {
    const rows = lookup(target)
    const gone = leads.filter(
      lead => lead.target.list === target.list && rows.every(({id}) => id !== lead.id),
    )
    return [...rows, ...gone.map(({id}) => ({id, name: ''}))]
  }
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
  if (problem !== undefined) throw usageError(problem)
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
    const text = `${first.field}: a ${resource.noun} cannot be changed, as ${resource.panel.title} has no call for it`
    throw new PanelctlError('REJECTED', text, {
      hint: 'delete it and make it anew',
      panel: resource.panel.name,
    })
  }
  return {resource, name, kind: changes.length === 0 ? 'same' : 'change', row, changes, wanted}
}

export function removal({resource}: Seen, row: Row): Step {
  return {resource, name: named(resource, row).name, kind: 'delete', row, changes: [], wanted: {}}
}

/** What a step changes, on the wire. */
export function changedOf({changes, wanted}: Step): Row['wire'] {
  return Object.fromEntries(changes.map(({field}) => [field, wanted[field]]))
}

/**
 * Sends what a step takes, once.
 * @throws PanelctlError as the client's `call`, DryRun under `--dry-run`
 */
export async function carryOut(api: Api, step: Step): Promise<void> {
  const {resource, kind, row, wanted} = step
  const changed = changedOf(step)
  if (kind === 'create') await resource.create?.(api, wanted, changed)
  if (kind === 'delete' && row) await resource.remove?.(api, row)
  if (kind !== 'change' || !row) return
  const zeros = Object.entries(resource.fields).flatMap(([name, {kind, told}]) =>
    told ? [] : [[name, kind.zero]],
  )
  await resource.update?.(api, row, {...Object.fromEntries(zeros), ...row.wire, ...changed}, changed)
}

/**
 * The row that a step has led to, as it is listed afterwards.
 * @throws PanelctlError UNCERTAIN where it is not as it was sent: panels accept what they drop
 */
export function afterwards(
  {resource, lookup, rows}: Seen,
  {name, kind, row, changes, wanted}: Step,
): Row | undefined {
  const fail = (what: string) => {
    throw new PanelctlError('UNCERTAIN', `the panel accepted ${resource.noun} ${name}, and ${what}`, {
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
