import {type Command, type Context, type Description, defineCommand} from '../command/command.js'
import {watchFlags} from '../command/global-flags.js'
import {terminalWidth, writeOut} from '../command/io.js'
import {PanelctlError} from '../errors.js'
import type {Arguments, Flags} from '../flags/flags.js'
import {didYouMean} from '../nearest-names.js'
import type {Curve} from '../output/chart.js'
import {type Column, type Columns, readerOf, selectColumns, sortRows} from '../output/columns.js'
import {formats, jsonLine} from '../output/formats.js'
import {mask} from '../output/mask.js'
import {compareNatural} from '../output/natural.js'
import {checkOutputFlags, renderRows} from '../output/render.js'
import {shellWord} from '../shell-word.js'
import {chartFlags, checkChartFlags, drawCurves} from './chart.js'
import {columnsWithoutRoom, inFittingFormat, outputOptions} from './output-options.js'
import {checkWatch, redraws, watch} from './watch.js'

/** As many groups as a note names. */
const MANY = 8

/** Rows, and what there is to say of them besides. */
export interface Listing<Row> {
  /** Read only for what shows rows: it may be a getter that works them out. */
  readonly rows: readonly Row[]
  /** The JSON, where it is not the rows. */
  readonly data?: unknown
  /** That JSON with its lists in the order of these rows, which `--sort` put them in; without it the rows are the JSON then. */
  dataInOrder?(rows: readonly Row[]): unknown
  /** Something is missing, and the rows are worth printing all the same: that done, this ends the command. */
  readonly problem?: PanelctlError
}

export interface ListDefinition<A extends Arguments, F extends Flags, Row> extends Description<A, F> {
  /** What the rows are, for "no servers". */
  readonly noun: string
  /** The rows, in a stable order; they are the JSON as well. Drawn, they are their curves and nothing else. */
  fetch(context: Context<A, F>, isDrawn: boolean): Promise<readonly Row[] | Listing<Row>>
  readonly columns: Columns<Row>
  /** The flag that asks for the rows of a group, and the groups that there are: said where no row is of it. */
  readonly filter?: {readonly flag: string; values(context: Context<A, F>): Promise<readonly string[]>}
  /** Why there may be none for this credential, found out where there are none. */
  none?(context: Context<A, F>): Promise<string | undefined>
  /** The only columns that there are with these flags, all of them shown; undefined for all. */
  filled?(context: Context<A, F>): readonly string[] | undefined
  /** What `-o id` prints: what other commands take to name a row, undefined for one without. Points in time have no name. */
  id?(row: Row): string | number | undefined
  /** The rows as curves; brings `--chart`. */
  curves?(rows: readonly Row[], context: Context<A, F>): readonly Curve[]
}

/** The names for `--columns` and `--sort`, as help shows them. */
export function describeColumns<Row>(columns: Columns<Row>): string {
  const names = Object.entries(columns)
  const hidden = names.filter(([, column]) => typeof column !== 'function' && column.hidden)
  const shown = names.filter(entry => !hidden.includes(entry))
  const remark = (column: Column<Row>) => {
    if (typeof column === 'function') return ''
    return column.chart ? ' (not in csv)' : column.hidden === 'in tables' ? ' (also in csv)' : ''
  }
  const list = (entries: typeof names) => entries.map(([name, column]) => name + remark(column)).join(', ')
  return `Columns: ${list(shown)}${hidden.length > 0 ? `; only with --columns: ${list(hidden)}` : ''}.`
}

/** A command that prints rows: a table, or an array. */
export function listCommand<A extends Arguments, F extends Flags, Row>(
  definition: ListDefinition<A, F, Row>,
): Command {
  const {noun, curves} = definition
  const description = [definition.description, describeColumns(definition.columns)]
    .filter(Boolean)
    .join('\n\n')
  const shapeFlags: typeof watchFlags & Partial<typeof chartFlags> = {
    ...watchFlags,
    ...(curves ? chartFlags : {}),
  }
  return defineCommand({...definition, description}, shapeFlags, async given => {
    const columns = filledColumns(definition.columns, definition.filled?.(given))
    const check = (run: typeof given) => {
      checkOutputFlags({...outputOptions(run), hasRows: true, hasId: definition.id !== undefined})
      checkWatch(run, '--watch', run.flags.watch)
      if (run.flags.chart) checkChartFlags(run)
      selectColumns(columns, run.flags.columns)
    }
    const context = inFittingFormat(given, check, definition.columns)
    const {flags, io, speech, format} = context
    if (flags.sort !== undefined) sortRows([], columns, flags.sort)

    const room = columnsWithoutRoom()
    const masked = <Value>(value: Value) =>
      flags['show-secrets'] ? value : mask(value, context.secretFields())
    const fetch = async (): Promise<Listing<Row>> => {
      const found = await definition.fetch(context, flags.chart === true)
      const listing = 'rows' in found ? found : {rows: found}
      return flags.sort === undefined
        ? listing
        : inOrder(listing, sortRows(listing.rows, columns, flags.sort))
    }
    const render = async (listing: Listing<Row>, as: typeof format) => {
      if (curves && flags.chart) return drawCurves(context, curves(listing.rows, context))
      const data = 'data' in listing ? masked(listing.data) : masked(listing.rows)
      // What prints the data as it is needs no rows, which may be as many again.
      const asRows = formats[as].carries !== 'data'
      return renderRows({
        ...outputOptions(context),
        format: as,
        rows: asRows && 'data' in listing ? masked(listing.rows) : asRows && Array.isArray(data) ? data : [],
        data,
        columns,
        id: definition.id,
        leaveOut: room.leaveOut,
      })
    }

    if (flags.watch) {
      await watch(context, flags.interval, async () => {
        const listing = await fetch()
        if (listing.problem) speech.warn(listing.problem.message)
        if (redraws(context)) {
          return room.above(await render(listing, 'table'), terminalWidth(context))
        }
        return jsonLine('data' in listing ? masked(listing.data) : masked(listing.rows))
      })
    }
    const listing = await fetch()
    const printed = formats[format]
    if (printed.carries === 'data' && printed.parts) {
      for (const part of printed.parts('data' in listing ? masked(listing.data) : masked(listing.rows))) {
        await writeOut(io, part)
      }
    } else await writeOut(io, await render(listing, format))
    room.say(speech)
    const unnamed =
      printed.carries === 'ids' ? listing.rows.filter(row => definition.id?.(row) === undefined).length : 0
    if (unnamed > 0)
      speech.note(`left out, as no identifier names them: ${unnamed} of ${listing.rows.length} ${noun}`)
    if (printed.carries === 'table' && listing.rows.length === 0) {
      const why = await unlessRefused(definition.none?.(context))
      speech.note(`no ${noun}${await ofGroup(definition, context)}${why === undefined ? '' : `; ${why}`}`)
    }
    if (listing.problem) throw listing.problem
  })
}

/** The list is empty whatever becomes of this. */
async function unlessRefused<Found>(looked: Promise<Found> | undefined): Promise<Found | undefined> {
  return looked?.catch((error: unknown) => {
    if (error instanceof PanelctlError) return undefined
    throw error
  })
}

/** The group that no row is of, and those that may have been meant. */
async function ofGroup<A extends Arguments, F extends Flags, Row>(
  {filter}: ListDefinition<A, F, Row>,
  context: Context<A, F>,
): Promise<string> {
  const [, wanted] = Object.entries(context.flags).find(([name]) => name === filter?.flag) ?? []
  if (filter === undefined || typeof wanted !== 'string') return ''
  const values = (await unlessRefused(filter.values(context))) ?? []
  const known = [...new Set(values)]
    .filter(value => value !== '' && value !== wanted)
    .toSorted(compareNatural)
  const others = known.length > 0 ? `there are ${known.slice(0, MANY).join(', ')}` : undefined
  const more = didYouMean(wanted, known, others)
  return ` with --${filter.flag} ${shellWord(wanted)}${more === undefined ? '' : `; ${more}`}`
}

/** The listing with its rows in this order, and its JSON too. */
function inOrder<Row>(listing: Listing<Row>, rows: readonly Row[]): Listing<Row> {
  if (!('data' in listing)) return {...listing, rows}
  const data = listing.dataInOrder ? listing.dataInOrder(rows) : rows
  return {...listing, rows, data}
}

/** The columns of these names, none of them hidden. */
function filledColumns<Row>(columns: Columns<Row>, names: readonly string[] | undefined): Columns<Row> {
  if (names === undefined) return columns
  const filled = Object.entries(columns).filter(([name]) => names.includes(name))
  return Object.fromEntries(filled.map(([name, column]) => [name, readerOf(column)]))
}
