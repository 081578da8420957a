import {type Command, type Context, type Description, defineCommand} from '../command/command.js'
import {tableFlags, watchFlags} from '../command/global-flags.js'
import {writeOut} from '../command/io.js'
import {usageError} from '../errors.js'
import type {Arguments, Flags} from '../flags/flags.js'
import type {Columns} from '../output/columns.js'
import {formats, jsonLine, toJson} from '../output/formats.js'
import {mask} from '../output/mask.js'
import {printable} from '../output/printable.js'
import {checkOutputFlags, renderRecord} from '../output/render.js'
import {inFittingFormat, outputOptions} from './output-options.js'
import {checkWatch, redraws, watch} from './watch.js'

export interface ShowDefinition<A extends Arguments, F extends Flags, Data> extends Description<A, F> {
  /** The thing; it is the JSON as well. */
  fetch(context: Context<A, F>): Promise<Data>
  /** The lines of the table. Without them the table is the JSON. */
  readonly columns?: Columns<Data>
  /** What `-o id` prints. */
  id?(data: Data): string | number
  /** The one value that a person runs the command for, printed bare instead of a table. */
  value?(data: Data): string
  /** True where secrets are what the command is for, so that they are not masked. */
  readonly reveals?: true
}

/** A command that prints one thing: its fields, one a line, or an object. */
export function showCommand<A extends Arguments, F extends Flags, Data>(
  definition: ShowDefinition<A, F, Data>,
): Command {
  const {columns, id, value} = definition
  return defineCommand(
    definition,
    watchFlags,
    async given => {
      const check = (run: typeof given) => {
        checkOutputFlags({
          ...outputOptions(run),
          sort: undefined,
          hasRows: columns !== undefined,
          hasId: id !== undefined,
        })
        checkWatch(run, '--watch', run.flags.watch)
      }
      const context = inFittingFormat(given, check, columns)
      const {flags, io, format} = context
      if (flags.sort !== undefined) throw usageError('--sort goes with lists', 'leave out --sort')

      const fetch = async () => {
        const data = await definition.fetch(context)
        return definition.reveals || flags['show-secrets'] ? data : mask(data, context.secretFields())
      }
      const render = async (data: Data, as: typeof format) => {
        const isTable = formats[as].carries === 'table'
        if (value && isTable && flags.columns === undefined)
          return `${value(data).split('\n').map(printable).join('\n')}\n`
        return isTable && !columns
          ? toJson(data)
          : renderRecord({...outputOptions(context), format: as, row: data, data, columns: columns ?? {}, id})
      }

      if (flags.watch) {
        await watch(context, flags.interval, async () => {
          const data = await fetch()
          return redraws(context) ? render(data, 'table') : jsonLine(data)
        })
      }
      await writeOut(io, await render(await fetch(), format))
    },
    columns ? ['sort'] : tableFlags,
  )
}
