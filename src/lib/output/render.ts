import {PanelctlError, usageError} from '../errors.js'
import {writtenAs} from '../exact-integers.js'
import {axisOfCells, type RawCell, rawOf, textCellOf} from './cell.js'
import type {ColourLevel} from './colour.js'
import {type Columns, headerOf, selectColumns} from './columns.js'
import {type Format, formatNames, formats, type Id, isPerElement, showsColumns} from './formats.js'
import {printable} from './printable.js'
import type {Table} from './table.js'

export interface OutputFlags {
  format: Format
  /** The value of `--columns`. */
  columns?: string | undefined
  noHeader?: boolean | undefined
  /** The value of `--jq`, which what is printed as JSON goes through. */
  jq?: string | undefined
  /** The value of `--sort`. */
  sort?: string | undefined
  /** Whether the result has columns: a list, or one object that is shown by columns. */
  hasRows: boolean
  /** Whether the result has identifiers. */
  hasId: boolean
}

/**
 * To be called before any request.
 * @throws PanelctlError USAGE when the output flags do not fit each other or the result
 */
export function checkOutputFlags(asked: OutputFlags): void {
  const {format, columns, noHeader, sort, hasRows, hasId} = asked
  const {carries} = formats[format]
  if (carries === 'cells' && !hasRows) {
    throw usageError(`this result has no rows, which -o ${format} needs`, 'use -o json or -o yaml')
  }
  if (carries === 'ids' && !hasId) {
    throw usageError(`this result has no identifiers, which -o ${format} needs`, 'use -o json or -o yaml')
  }
  if (columns !== undefined) checkColumnFlag('--columns', asked)
  if (noHeader) checkColumnFlag('--no-header', asked)
  if (sort !== undefined && !hasRows) {
    throw usageError('this result has no rows, which --sort needs', 'leave out --sort')
  }
}

function checkColumnFlag(flag: string, {format, jq, hasRows}: OutputFlags): void {
  if (jq !== undefined)
    throw usageError(`${flag} goes with tables and csv, not with --jq`, `leave out ${flag} or --jq`)
  if (!showsColumns(format)) {
    const fitting = formatNames.filter(showsColumns).map(name => `-o ${name}`)
    throw usageError(
      `${flag} goes with ${fitting.join(' and ')}, not with -o ${format}`,
      `leave out ${flag}, or use -o csv`,
    )
  }
  if (!hasRows) throw usageError(`this result has no columns, which ${flag} needs`, `leave out ${flag}`)
}

interface RenderOptions<Row> {
  /** The panel's own JSON value: what json, yaml and ndjson print. */
  data: unknown
  columns: Columns<Row>
  id?: ((row: Row) => string | number | undefined) | undefined
  format: Format
  requestedColumns?: string | undefined
  showHeader: boolean
  /** Whether stdout is a terminal. */
  isTTY?: boolean | undefined
  /** The terminal's columns; undefined in a pipe. */
  width?: number | undefined
  colour: ColourLevel
  now: Date
  /** Is told that a table shows as past what is still to come at `now`. */
  ahead?: ((now: Date) => void) | undefined
}

export interface RowsOptions<Row> extends RenderOptions<Row> {
  rows: readonly Row[]
  /** Is told the names of the columns of a table that found no room. */
  leaveOut?: ((names: readonly string[]) => void) | undefined
}

export interface RecordOptions<Row> extends RenderOptions<Row> {
  row: Row
}

// cli-table3, chalk and string-width are loaded by the one format that needs them.
async function table(content: Table, {colour: level, now, ahead}: RenderOptions<never>): Promise<string> {
  const {renderTable} = await import('./table.js')
  if (content.rows.some(row => row.some(cell => cell.isAhead))) ahead?.(now)
  if (level === 0) return renderTable(content)
  const {Chalk} = await import('chalk')
  return renderTable({...content, colour: new Chalk({level})})
}

function check<Row>(options: RenderOptions<Row>): void {
  checkOutputFlags({
    format: options.format,
    columns: options.requestedColumns,
    noHeader: !options.showHeader,
    hasRows: true,
    hasId: options.id !== undefined,
  })
}

/** @throws PanelctlError BAD_RESPONSE for one that a double rounded: it would be the id of another row */
function exactId(id: string | number | undefined, row: unknown): Id | undefined {
  if (typeof id !== 'number' || Number.isSafeInteger(id)) return id
  const exact = writtenAs(id, row)
  if (exact !== undefined) return exact
  throw new PanelctlError('BAD_RESPONSE', `the panel gave an id that is too large, or no whole number: ${id}`)
}

/** The rows in the formats that show columns or identifiers, the data in the others. */
async function renderData<Row>(
  {data, columns, id, format, requestedColumns, showHeader, isTTY}: RenderOptions<Row>,
  rows: readonly Row[],
  asTable: () => Promise<string>,
): Promise<string> {
  const definition = formats[format]
  switch (definition.carries) {
    case 'table':
      return asTable()
    case 'data':
      return definition.write(data)
    case 'ids':
      return definition.write(rows.flatMap(row => exactId(id?.(row), row) ?? []))
    case 'cells': {
      const selected = selectColumns(columns, requestedColumns, {draws: false})
      // A terminal would obey what a file only keeps.
      const seen = (raw: RawCell) => (isTTY && typeof raw === 'string' ? printable(raw) : raw)
      return definition.write(
        selected.map(column => column.name),
        rows.map(row => selected.map(column => seen(rawOf(column.value(row))))),
        showHeader,
      )
    }
  }
}

/**
 * A list as the text of stdout: one line a row in a table, csv and id; `data` in the formats that carry the panel's JSON.
 * @throws PanelctlError USAGE for flags that do not fit, and for an unknown column
 */
export async function renderRows<Row>(options: RowsOptions<Row>): Promise<string> {
  check(options)
  const {rows} = options
  return renderData(options, rows, () => {
    const selected = selectColumns(options.columns, options.requestedColumns)
    const cells = rows.map(row => selected.map(column => column.value(row)))
    const axis = axisOfCells(cells.flat())
    return table(
      {
        header: selected.map(column => column.name),
        rows: cells.map(row => row.map(cell => textCellOf(cell, options.now, axis))),
        showHeader: options.showHeader,
        width: options.width,
        leaveOut: options.leaveOut,
      },
      options,
    )
  })
}

/**
 * One object as the text of stdout: its table has a line `KEY  value` for each column, its csv one row, its ndjson one
 * line.
 * @throws PanelctlError USAGE for flags that do not fit, and for an unknown column
 */
export async function renderRecord<Row>(options: RecordOptions<Row>): Promise<string> {
  check(options)
  const data = isPerElement(options.format) ? [options.data] : options.data
  return renderData({...options, data}, [options.row], () => {
    const selected = selectColumns(options.columns, options.requestedColumns)
    return table(
      {
        header: [],
        rows: selected.map(column => {
          const {align: _, ...cell} = textCellOf(column.value(options.row), options.now)
          return [{text: headerOf(column.name)}, cell]
        }),
        showHeader: false,
        width: options.width,
      },
      options,
    )
  })
}
