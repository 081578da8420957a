import {isDeepStrictEqual} from 'node:util'
import {PanelctlError, reworded} from '../errors.js'
import type {Api} from '../http/client.js'
import type {Lead} from './kind.js'
import {named, type Resource, type Row, type Seen} from './resource.js'
import type {Limit} from './target.js'

/** What a field leads to, and no list has. */
export interface Stray extends Lead {
  readonly field: string
}

/** What a row leads to that is in no list that was read. */
export function unlistedIn(
  {resource: {fields}, lookup}: Pick<Seen, 'resource' | 'lookup'>,
  {wire}: Row,
): Stray[] {
  return Object.entries(fields).flatMap(([field, {kind}]) =>
    kind
      .leads(wire[field])
      .filter(({target, id}) => lookup(target).every(one => one.id !== id))
      .map(lead => ({field, ...lead})),
  )
}

/** The same but for lists that may not be read, of which nothing is known. */
export function straysIn(seen: Seen, row: Row): Stray[] {
  return unlistedIn(seen, row).filter(({target}) => !seen.unread.has(target.list))
}

/** A stray of one that is called so. */
interface StrayOf extends Stray {
  readonly name: string
}

/** The same of several rows. */
export function straysOf(seen: Seen, rows: readonly Row[]): StrayOf[] {
  return rows.flatMap(row =>
    straysIn(seen, row).map(stray => ({...stray, name: named(seen.resource, row).name})),
  )
}

/** Those of them that are gone, and not only kept from this credential; where nobody can tell, none is. */
export async function goneOf<One extends Stray>(api: Api, strays: readonly One[]): Promise<One[]> {
  const reasonOf = (limit: Limit | undefined) =>
    limit?.(api).catch((error: unknown) => {
      if (error instanceof PanelctlError) return error
      throw error
    })
  const limits = new Set(strays.map(({target}) => target.limit))
  const reasons = new Map(
    await Promise.all([...limits].map(async limit => [limit, await reasonOf(limit)] as const)),
  )
  return strays.filter(({target}) => reasons.get(target.limit) === undefined)
}

/** As many as are named. */
const MANY = 8

/** What there is to say of what no list has, of which some is known to be gone: once of each. */
export function strayWords(strays: readonly StrayOf[], gone: readonly StrayOf[]): string[] {
  const known = new Set(gone)
  const words = new Map<string, Set<string>>()
  for (const stray of strays) {
    const {target, id, name} = stray
    const why = known.has(stray) ? 'is gone' : 'is gone, or not to be seen by this account'
    const what = `the ${target.noun} ${id} ${why}, and still in`
    words.set(what, (words.get(what) ?? new Set()).add(name))
  }
  return [...words].map(([what, names]) => {
    const [more] = [...names].slice(MANY)
    return `${what} ${[...names].slice(0, MANY).join(', ')}${more === undefined ? '' : ' …'}`
  })
}

/** The fields of a row without what is gone; one that cannot be without it keeps it. */
export function withoutStrays({fields}: Resource, wire: Row['wire'], gone: readonly Stray[]): Row['wire'] {
  const isGone = ({target, id}: Lead) =>
    gone.some(stray => stray.target.list === target.list && stray.id === id)
  const left = Object.entries(wire).map(([name, value]) => {
    const field = fields[name]
    const kept = field ? field.kind.without(value, isGone) : value
    return [name, field?.required && isDeepStrictEqual(kept, field.kind.zero) ? value : kept]
  })
  return Object.fromEntries(left)
}

/** What was refused, with what stands in it that leads nowhere: that may be why. */
export function withStrays({fields}: Resource, error: unknown, strays: readonly Stray[]): unknown {
  const [stray] = strays
  if (!(error instanceof PanelctlError) || !stray) return error
  const {field, target, id} = stray
  const hint = `its ${field} leads to the ${target.noun} ${id}, which no list has: give it another${fields[field]?.required ? '' : ', or none'}`
  return reworded(error, {hint})
}
