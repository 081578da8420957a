import {type Command, type Context, type Description, defineCommand} from '../command/command.js'
import {terminalWidth, writeOut} from '../command/io.js'
import {type Arguments, type Flags, flag} from '../flags/flags.js'
import type {FollowOptions} from '../http/follow.js'
import {type Columns, sortRows} from '../output/columns.js'
import {formats, jsonLine} from '../output/formats.js'
import {mask} from '../output/mask.js'
import {checkOutputFlags, renderRows} from '../output/render.js'
import {describeColumns} from './list.js'
import {columnsWithoutRoom, inFittingFormat, outputOptions} from './output-options.js'
import {checkWatch, redraw, redraws} from './watch.js'

const streamFlags = {
  follow: flag.boolean({
    summary: 'go on until interrupted: a redrawn table, or one JSON document a line',
  }),
  interval: flag.duration({summary: 'time between two lines of --follow (default 2s)'}),
}

export interface StreamDefinition<A extends Arguments, F extends Flags, Row> extends Description<A, F> {
  /** What the rows are, for "no nodes". */
  readonly noun: string
  /** The rows at this moment, in a stable order; they are the JSON as well. */
  fetch(context: Context<A, F>): Promise<readonly Row[]>
  /** The same again and again; a connection that ends is its own to restore. */
  follow(context: Context<A, F>, options: FollowOptions): AsyncIterable<readonly Row[]>
  readonly columns: Columns<Row>
  id(row: Row): string | number
}

/** A command that prints rows once as a list does, or follows them: each line whole, and each of them all there is. */
export function streamCommand<A extends Arguments, F extends Flags, Row>(
  definition: StreamDefinition<A, F, Row>,
): Command {
  const {columns, noun, id} = definition
  const description = [definition.description, describeColumns(columns)].filter(Boolean).join('\n\n')
  return defineCommand({...definition, description}, streamFlags, async given => {
    const check = (run: typeof given) => {
      checkOutputFlags({...outputOptions(run), hasRows: true, hasId: true})
      checkWatch(run, '--follow', run.flags.follow)
    }
    const context = inFittingFormat(given, check, columns)
    const {flags, io, speech, format, signal} = context
    if (flags.sort !== undefined) sortRows([], columns, flags.sort)
    const room = columnsWithoutRoom()
    const shownOf = (rows: readonly Row[]) => {
      const sorted = flags.sort === undefined ? rows : sortRows(rows, columns, flags.sort)
      return flags['show-secrets'] ? sorted : mask(sorted, context.secretFields())
    }
    const render = (rows: readonly Row[], as: typeof format) =>
      renderRows({
        ...outputOptions(context),
        format: as,
        rows,
        data: rows,
        columns,
        id,
        leaveOut: room.leaveOut,
      })

    if (!flags.follow) {
      const rows = shownOf(await definition.fetch(context))
      await writeOut(io, await render(rows, format))
      room.say(speech)
      if (rows.length === 0 && formats[format].carries === 'table') speech.note(`no ${noun}`)
      return
    }
    const inPlace = redraws(context)
    let drawn = ''
    const options: FollowOptions = {
      interval: flags.interval ?? 2000,
      signal,
      lost: ({message}) => {
        const warning = `${message}; connecting again`
        // Should the terminal be gone, the next table says so.
        if (inPlace) redraw(context, drawn, warning).catch(() => {})
        speech.warn(warning)
      },
      found: () => speech.note('connected again'),
    }
    for await (const rows of definition.follow(context, options)) {
      const shown = shownOf(rows)
      if (inPlace) {
        drawn = room.above(await render(shown, 'table'), terminalWidth(context))
        await redraw(context, drawn)
      } else await writeOut(io, jsonLine(shown))
    }
  })
}
