import {PanelctlError, type Reason, usageError} from '../../errors.js'
import {hint, panelctl} from '../../hint.js'
import {didYouMean} from '../../nearest-names.js'
import type {ServerDetails} from './schemas.js'

/** Details, and what is missing from them. */
export interface Found {
  readonly rows: readonly ServerDetails[]
  readonly problem: PanelctlError
}

/** The dashboards list in an order of their own, v0 in another on every call (contracts/nezha.md 1.3, trap 7): by id, every time. */
export function byId<Row extends {id: number}>(rows: readonly Row[]): Row[] {
  return rows.toSorted((one, other) => one.id - other.id)
}

export function noServers(ids: readonly number[]): string {
  return `there ${ids.length === 1 ? 'is no server' : 'are no servers'} ${ids.join(', ')}`
}

/** What goes with an error that names a server. */
export const listing = {hint: panelctl('nezha server list'), panel: 'nezha'}

/** What the rows of a list are. */
export interface Noun<Row> {
  readonly noun: 'server' | 'group'
  /** The command that lists them. */
  readonly list: string
  /** From whom some are kept. */
  readonly kept?: string
  /** What tells two of one name apart, besides the id. */
  also?(row: Row): string
  /** Why, where it was to be deleted. */
  readonly reason?: Reason
}

/** The number that a reference is, if it can be an id. */
export function idIn(reference: string): number | undefined {
  const id = /^[1-9]\d*$/.test(reference) ? Number(reference) : undefined
  return id !== undefined && Number.isSafeInteger(id) ? id : undefined
}

/** The one of that name; throws as `findRow`. */
export function namedRow<Row extends {readonly id: number; readonly name: string}>(
  rows: readonly Row[],
  name: string,
  {noun, list, kept, also, reason}: Noun<NoInfer<Row>>,
): Row {
  const matches = rows.filter(row => row.name === name)
  if (matches.length > 1) {
    const candidates = matches.map(row => `${row.id}${also?.(row) ? ` (${also(row)})` : ''}`)
    throw usageError(
      `${matches.length} ${noun}s are called "${name}": ${candidates.join(', ')}`,
      'give the id',
    )
  }
  const [match] = matches
  if (match) return match
  const names = rows.map(row => row.name)
  throw new PanelctlError('NOT_FOUND', `there is no ${noun} "${name}"`, {
    hint: didYouMean(name, names, kept === undefined ? panelctl(list) : hint`${panelctl(list)}; ${kept}`),
    reason,
    panel: 'nezha',
  })
}

/**
 * The row that has this id or, else, this unique name.
 * @throws PanelctlError NOT_FOUND for an unknown one, USAGE for a name that several have
 */
export function findRow<Row extends {readonly id: number; readonly name: string}>(
  rows: readonly Row[],
  reference: string,
  noun: Noun<NoInfer<Row>>,
): Row {
  const id = idIn(reference)
  return rows.find(row => row.id === id) ?? namedRow(rows, reference, noun)
}
