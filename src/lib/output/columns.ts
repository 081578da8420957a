import {usageError} from '../errors.js'
import {type Cell, exactCell, type RawCell, sortKeyOf, sparkline} from './cell.js'
import {compareNatural} from './natural.js'
import type {Point} from './series.js'

/**
 * How a column reads its cell from a row; a hidden one is shown only when `--columns` names it, and csv, which has
 * nothing to draw with, treats a chart as hidden. What a table has in another column is hidden there alone.
 */
export type Column<Row> =
  | ((row: Row) => Cell)
  | {value: (row: Row) => Cell; hidden?: true | 'in tables'; chart?: true}

/** The columns of a result in their default order, by snake_case name. */
export type Columns<Row> = Record<string, Column<Row>>

/** A column chosen for output. */
export interface SelectedColumn<Row> {
  name: string
  value: (row: Row) => Cell
}

/** A column of sparklines. */
export function chart<Row>(series: (row: Row) => readonly Point[]): Column<Row> {
  return {value: row => sparkline(series(row)), chart: true}
}

/** A column that is shown only where `--columns` names it. */
export function hidden<Row>(value: (row: Row) => Cell) {
  return {value, hidden: true as const}
}

/** How a column reads its cell. */
export function readerOf<Row>(column: Column<Row>): (row: Row) => Cell {
  return typeof column === 'function' ? column : column.value
}

/** The columns of a list as the lines of a page: what a list hides for want of room is shown. */
export function asPage<Row>(columns: Columns<Row>): Columns<Row> {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, readerOf(column)]))
}

/** The column's name as a table writes it: `last_seen` is `LAST SEEN`. */
export function headerOf(name: string): string {
  return name.toUpperCase().replaceAll('_', ' ')
}

/** A column's name as `--columns` takes it: in any case, with `-` or a space for `_`. */
export function columnName(name: string): string {
  return name.trim().toLowerCase().replaceAll(/[ -]/g, '_')
}

function select<Row>(name: string, column: Column<Row>): SelectedColumn<Row> {
  const read = readerOf(column)
  return {name, value: row => exactCell(read(row), row)}
}

function findColumn<Row>(columns: Columns<Row>, requested: string): SelectedColumn<Row> {
  const wanted = columnName(requested)
  for (const [name, column] of Object.entries(columns)) {
    if (columnName(name) === wanted) return select(name, column)
  }
  throw usageError(`no column "${requested.trim()}"`, `columns: ${Object.keys(columns).join(', ')}`)
}

/**
 * The columns to show, in the order asked for: `requested` is the value of `--columns` (`name,state`, in any case and
 * with `-` or a space for `_`, or `all`); without it all that are not hidden, and of charts those alone that can be drawn.
 * @throws PanelctlError USAGE that lists every name when one is unknown
 */
export function selectColumns<Row>(
  columns: Columns<Row>,
  requested: string | undefined,
  {draws = true}: {draws?: boolean} = {},
): SelectedColumn<Row>[] {
  const all = Object.entries(columns)
  if (requested === undefined) {
    return all
      .filter(
        ([, column]) =>
          typeof column === 'function' || !(column.hidden === true || (draws ? column.hidden : column.chart)),
      )
      .map(([name, column]) => select(name, column))
  }
  if (columnName(requested) === 'all') return all.map(([name, column]) => select(name, column))
  return requested.split(',').map(name => findColumn(columns, name))
}

function rank(raw: Exclude<RawCell, null>): number {
  return typeof raw === 'string' ? 1 : 0
}

function compareRaw(a: Exclude<RawCell, null>, b: Exclude<RawCell, null>): number {
  if (typeof a === 'string' && typeof b === 'string') return compareNatural(a, b)
  if (typeof a === 'string' || typeof b === 'string') return rank(a) - rank(b)
  // Not a subtraction: two sizes may differ by more than a number can hold.
  return a < b ? -1 : a > b ? 1 : 0
}

/**
 * The rows in the order that `sort` (`column`, `column:asc`, `column:desc`, or several of them with commas, the first one
 * first) puts them in: by raw value, stable, a missing value last in both directions. Hidden columns may be named; the array
 * given is not changed.
 * @throws PanelctlError USAGE when a column or a direction is unknown, even for no rows
 */
export function sortRows<Row>(rows: readonly Row[], columns: Columns<Row>, sort: string): Row[] {
  return sort.split(',').reduceRight((sorted, one) => sortedBy(sorted, columns, one), [...rows])
}

function sortedBy<Row>(rows: readonly Row[], columns: Columns<Row>, sort: string): Row[] {
  const [name = '', direction = 'asc', ...rest] = sort.split(':')
  const column = findColumn(columns, name)
  if (!['asc', 'desc'].includes(direction) || rest.length > 0) {
    throw usageError(
      `cannot sort by "${sort}"`,
      `write --sort ${column.name}, ${column.name}:asc or ${column.name}:desc`,
    )
  }
  const sign = direction === 'desc' ? -1 : 1
  const keys = rows.map(row => sortKeyOf(column.value(row)))
  const order = [...keys.keys()].sort((a, b) => {
    const [left, right] = [keys[a] ?? null, keys[b] ?? null]
    if (left === null || right === null) return Number(left === null) - Number(right === null)
    return sign * compareRaw(left, right)
  })
  return order.flatMap(index => rows.slice(index, index + 1))
}
