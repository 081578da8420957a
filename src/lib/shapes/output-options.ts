import type {Surroundings} from '../command/command.js'
import type {GlobalValues} from '../command/global-flags.js'
import {terminalWidth} from '../command/io.js'
import type {Speech} from '../command/speech.js'
import {PanelctlError} from '../errors.js'
import {type ColourLevel, colourLevel} from '../output/colour.js'
import {type Columns, selectColumns} from '../output/columns.js'
import {showsColumns} from '../output/formats.js'

/** Keeps which columns found no room when a table was last drawn, to name them. */
export function columnsWithoutRoom() {
  let names: readonly string[] = []
  const text = () => `left out for want of room: ${names.join(', ')}`
  return {
    leaveOut: (missing: readonly string[]) => {
      names = missing
    },
    say: (speech: Speech) => {
      if (names.length > 0) speech.note(`${text()}; choose with --columns, or pipe into less -S`)
    },
    /** A table that is drawn again and again, below them: a note would be wiped away. */
    above: (table: string, width = 0) => (names.length > 0 ? `${text().slice(0, width)}\n${table}` : table),
  }
}

/** What the renderer wants to know of a run: its flags, and what stdout is. */
export function outputOptions(surroundings: Surroundings & {flags: GlobalValues}) {
  const {io, env, format, flags, now, ahead} = surroundings
  const isTTY = io.stdout.isTTY === true
  const level: ColourLevel = colourLevel({env, flagNoColour: flags['no-color'], isTTY})
  return {
    format,
    columns: flags.columns,
    requestedColumns: flags.columns,
    noHeader: flags['no-header'],
    jq: flags.jq,
    showHeader: !flags['no-header'],
    isTTY,
    width: terminalWidth(surroundings),
    colour: level,
    now: now(),
    ahead,
    sort: flags.sort,
  }
}

/**
 * The run in the format that it prints in, with the columns that it shows. What is preferred holds for every command: a
 * format that does not fit one gives way to a table, and columns are left out where they cannot be chosen.
 * @throws PanelctlError USAGE, as `check` does, for what was asked for on the command line; for columns that there are not
 */
export function inFittingFormat<Run extends Surroundings & {readonly flags: GlobalValues}>(
  given: Run,
  check: (run: Run) => void,
  all?: Columns<never>,
): Run {
  const attempt = (run: Run, otherwise: () => Run): Run => {
    try {
      check(run)
      return run
    } catch (error) {
      if (!(error instanceof PanelctlError)) throw error
      return otherwise()
    }
  }
  const run = given.formatGivesWay ? attempt(given, () => ({...given, format: 'table' as const})) : given
  check(run)
  if (all) selectColumns(all, run.flags.columns)
  const {columns} = run.preferred
  if (!all || !columns || run.flags.columns !== undefined || !showsColumns(run.format)) return run
  try {
    selectColumns(all, columns.value)
  } catch (error) {
    throw columns.wrong(error)
  }
  return attempt({...run, flags: {...run.flags, columns: columns.value}}, () => run)
}
