import type {PanelctlError} from '../errors.js'
import {type Columns, selectColumns, sortOrder} from '../output/columns.js'
import {jsonLine} from '../output/formats.js'
import {mask} from '../output/mask.js'
import {checkOutputFlags, renderRows} from '../output/render.js'
import {type Command, type Context, type Description, defineCommand} from './command.js'
import type {Arguments, Flags} from './flags.js'
import {watchFlags} from './global-flags.js'
import {writeOut} from './io.js'
import {inFittingFormat, outputOptions} from './output-options.js'
import {checkWatchFormat, redraws, watch} from './watch.js'

/** Rows that are worth printing although something is missing: printed, and then the problem ends the command. */
export interface Incomplete<Row> {
  readonly rows: readonly Row[]
  readonly problem: PanelctlError
}

export interface ListDefinition<A extends Arguments, F extends Flags, Row> extends Description<A, F> {
  /** What the rows are, for "no servers". */
  readonly noun: string
  /** The rows, in a stable order; they are the JSON as well. */
  fetch(context: Context<A, F>): Promise<readonly Row[] | Incomplete<Row>>
  readonly columns: Columns<Row>
  /** What `-o id` prints: what other commands take to name a row. */
  id(row: Row): string | number
}

/** The names for `--columns` and `--sort`, as help shows them. */
export function describeColumns<Row>(columns: Columns<Row>): string {
  const names = Object.entries(columns)
  const hidden = names.filter(([, column]) => typeof column !== 'function' && column.hidden)
  const shown = names.filter(entry => !hidden.includes(entry))
  const list = (entries: typeof names) =>
    entries
      .map(([name, column]) => (typeof column !== 'function' && column.chart ? `${name} (not in csv)` : name))
      .join(', ')
  return `Columns: ${list(shown)}${hidden.length > 0 ? `; only with --columns: ${list(hidden)}` : ''}.`
}

/** A command that prints rows: a table, or an array. */
export function listCommand<A extends Arguments, F extends Flags, Row>(
  definition: ListDefinition<A, F, Row>,
): Command {
  const {columns, noun} = definition
  const description = [definition.description, describeColumns(columns)].filter(Boolean).join('\n\n')
  return defineCommand({...definition, description}, watchFlags, async given => {
    const context = inFittingFormat(given, run => {
      checkOutputFlags({...outputOptions(run), hasRows: true, hasId: true})
      if (run.flags.watch) checkWatchFormat(run)
    })
    const {flags, io, speech, format} = context
    selectColumns(columns, flags.columns)
    if (flags.sort !== undefined) sortOrder([], columns, flags.sort)

    const fetch = async () => {
      const found = await definition.fetch(context)
      const {rows, problem} = 'problem' in found ? found : {rows: found, problem: undefined}
      return {rows: flags['show-secrets'] ? rows : mask(rows, context.secretFields()), problem}
    }
    const render = (rows: readonly Row[], as: typeof format) =>
      renderRows({
        ...outputOptions(context),
        format: as,
        rows,
        data: rows,
        columns,
        id: definition.id,
        sort: flags.sort,
      })

    if (flags.watch) {
      await watch(context, flags.interval, async () => {
        const {rows, problem} = await fetch()
        if (problem) speech.warn(problem.message)
        if (redraws(context)) return render(rows, 'table')
        return jsonLine(rows)
      })
    }
    const {rows, problem} = await fetch()
    await writeOut(io, await render(rows, format))
    if (rows.length === 0 && format === 'table') speech.note(`no ${noun}`)
    if (problem) throw problem
  })
}
