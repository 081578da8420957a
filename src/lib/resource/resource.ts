import {isDeepStrictEqual} from 'node:util'
import * as z from 'zod/mini'
import {PanelctlError, type Reason, usageError} from '../errors.js'
import {type Hint, panelctl} from '../hint.js'
import type {Api, Client} from '../http/client.js'
import {mayNotBeRead} from '../http/gateway.js'
import type {Panel} from '../http/panel.js'
import {isMask, MASK} from '../mask.js'
import {didYouMean} from '../nearest-names.js'
import {type Kind, problemIn} from './kind.js'
import {type Limit, type Lookup, meant, type Named, type Referenced} from './target.js'

/** What is wrong with a field: whoever knows where its value came from names that. */
export class Misfit extends PanelctlError {
  constructor(
    readonly field: string,
    /** As it follows the name: `: is no text`, `[1]: is no text`. */
    readonly problem: string,
    hint?: Hint,
  ) {
    super('USAGE', field + problem, {hint})
  }
}

/** One field of a resource: flag, column, check, comparison and JSON Schema follow from it. */
export interface Field {
  readonly kind: Kind
  /** Of its flag. */
  readonly summary: string
  /** Its flag, where that is not its name with dashes. */
  readonly flag?: string
  /** There is no making one without it. */
  readonly required?: true
  /** The panel takes no second one that has the same in it. */
  readonly unique?: true
  /** What it is in one that is made without it; what its kind calls empty, else. */
  readonly initial?: unknown
  /** Never shown unless asked for, and unknown where the panel tells nothing: then it stays what it is. */
  readonly secret?: true
  /** The generation of the panel that tells it to nobody, though it is there. */
  readonly untoldBy?: string
  /** The panel takes it when one is made, and never tells or changes it. */
  readonly once?: true
  /** It stays as it is. */
  readonly fixed?: true
  /** The panel tells it, and takes it from nobody. */
  readonly told?: true
  /** Not among the columns of a table that nobody chose. */
  readonly aside?: true
  /** It is of where the panel stands: in no export, which is for others too. */
  readonly placed?: true
}

export type Fields = Readonly<Record<string, Field>>

/** The values of fields, by their names, as people write them. */
export type Values = Readonly<Record<string, unknown>>

/** What the panel tells of one: its id and its fields on the wire. */
export interface Row {
  readonly id: string | number
  readonly wire: Readonly<Record<string, unknown>>
  /** Fields that the version of this panel does not have, whatever they are read as. */
  readonly lacks?: readonly string[]
}

/** A panel as it can be asked, and where it is. */
export type PanelAsked = Pick<Client, 'call' | 'address'>

/** A value that follows from what one has. */
export interface Derived {
  /** Of its flag. */
  readonly summary: string
  readonly field: string
  /** What is asked before it is done to whatever flags choose. */
  readonly danger?: string
  /** @throws PanelctlError REJECTED where nothing follows from it: of many that is left as it is */
  from(values: Values, now: Date): unknown
}

/** A kind of things that a panel keeps: what there is to know to list, make, change and delete them. */
export interface Resource {
  readonly panel: Panel
  /** What its commands begin with: `panel service`. */
  readonly topic: string
  /** The column of ids in its list, where that is not `id`. */
  readonly idColumn?: string
  /** The command that shows what there is, where that is not its `list`. */
  readonly lookWith?: string
  readonly noun: string
  readonly many: string
  /** The field that names one. */
  readonly key: string
  /** There is one set of it, which has no name of its own. */
  readonly isOne?: true
  /** Several share their key as a matter of course: one is told and completed by its id. */
  readonly isCalledById?: true
  readonly fields: Fields
  /** The flags of an example that makes one. */
  readonly example: string
  /** What else there is to say of it in help. */
  readonly remark?: string
  /** What is asked before fields on the wire are changed. */
  danger?(changed: Row['wire']): string | undefined
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
  /** What one that is so on the wire does not do, though it seems to: `tells nobody …`. */
  idle?(wire: Row['wire']): string | undefined
  /**
   * Looks at fields on the wire before a write.
   * @throws PanelctlError for what the panel would take, to no good
   */
  refuses?(panel: PanelAsked, asked: Row['wire']): Promise<void>
  /** Why there may be none for this credential, found out where there are none. */
  whyNone?(panel: Client): Promise<string | undefined>
  /** What is true of each that was to be deleted and is in no list, where that may not be that it is gone. */
  whyMissing?(api: Api): Promise<(missing: PanelctlError, reference: string) => PanelctlError>
  /** All there are. */
  read(api: Api): Promise<readonly Row[]>
  readonly limit?: Limit
  /** Makes one: all fields on the wire. */
  create?(api: Api, form: Row['wire']): Promise<unknown>
  /** Changes one: all fields on the wire, and those alone that are to change. */
  update?(api: Api, row: Row, form: Row['wire'], changed: Row['wire']): Promise<unknown>
  /** Deletes one that a list has just shown. */
  remove?(api: Api, row: Row): Promise<unknown>
}

/** What the panel tells of one, of whatever else it tells. */
export function wireOf(fields: Fields) {
  return z.looseObject(Object.fromEntries(Object.entries(fields).map(([name, {kind}]) => [name, kind.wire])))
}

/** What one of a kind is called. */
export function withArticle(noun: string): string {
  return `${/^[aeio]/i.test(noun) ? 'an' : 'a'} ${noun}`
}

/** The word that stands for it in files. */
export function wordOf({topic}: Resource): string {
  return topic.split(' ').at(-1) ?? topic
}

/** The things of a resource, for fields that lead to them. */
export function targetOf(resource: Resource): Referenced {
  return {
    noun: resource.noun,
    list: `${resource.topic} list`,
    named: async api => (await resource.read(api)).map(row => named(resource, row)),
    limit: resource.limit,
  }
}

/** A row as others name it. */
export function named({key, isOne, many}: Resource, {id, wire}: Row): Named {
  return {id, name: isOne ? many : String(wire[key] ?? '')}
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
    const namesOf = async (target: Referenced) => {
      try {
        return await once(target.list, () => target.named(api))
      } catch (error) {
        if (names === 'known' || !mayNotBeRead(error)) throw error
        unread.set(target.list, error)
        return []
      }
    }
    const own = once(resource.topic, () => resource.read(api))
    const found = Promise.all(targets.map(async target => [target.list, await namesOf(target)] as const))
    // Why the thing itself cannot be read is told first: nothing that its fields lead to would help then.
    found.catch(() => {})
    const rows = await own
    const known = new Map(await found)
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
export function masked<Given extends Values>({fields}: Pick<Resource, 'fields'>, values: Given): Given {
  const secrets = Object.entries(fields).filter(
    ([name, {secret}]) => secret && (values[name] ?? null) !== null,
  )
  return {...values, ...Object.fromEntries(secrets.map(([name]) => [name, MASK]))}
}

/** The row of that name or id; throws as `meant`. */
export function rowOf(
  {resource, rows}: Pick<Seen, 'resource' | 'rows'>,
  reference: string | number,
  more: {readonly reason?: Reason | undefined; readonly besides?: readonly (string | number)[]} = {},
): Row {
  const candidates = rows.map(row => ({...named(resource, row), row}))
  return meant(candidates, reference, {noun: resource.noun, list: `${resource.topic} list`, ...more}).row
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
        `${withArticle(noun)} has no field "${name}"`,
        didYouMean(name, names, `fields: ${names.join(', ')}`),
      )
    }
    if (typeof value === 'string' && isMask(value)) {
      throw new Misfit(name, `: ${MASK} is a mask, and no value`, 'leave it out, so that it stays as it is')
    }
    if (field.told) throw usageError(`${name}: the panel alone sets it`, 'leave it out')
    const problem = problemIn(field.kind, value)
    if (problem !== undefined) throw new Misfit(name, `${problem.startsWith('[') ? '' : ': '}${problem}`)
    if (field.required && isNothing(value))
      throw new Misfit(name, `: ${withArticle(noun)} cannot be without it`)
  }
}

function isNothing(value: unknown): boolean {
  if (value === null) return true
  return typeof value === 'string' ? value.trim() === '' : Array.isArray(value) && value.length === 0
}
