import type {Surroundings} from '../command/command.js'
import type {GlobalValues} from '../command/global-flags.js'
import {terminalWidth} from '../command/io.js'
import type {Speech} from '../command/speech.js'
import {PanelctlError} from '../errors.js'
import {type ColourLevel, colourLevel} from '../output/colour.js'

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
 * The run in the format that it prints in: `PANELCTL_OUTPUT` holds for every command, and where it does not fit one,
 * that one prints a table.
 * @throws PanelctlError USAGE, as `check` does, for what was asked for on the command line
 */
export function inFittingFormat<Run extends Surroundings>(run: Run, check: (run: Run) => void): Run {
  try {
    check(run)
    return run
  } catch (error) {
    if (!run.formatGivesWay || !(error instanceof PanelctlError)) throw error
    const fallback = {...run, format: 'table' as const}
    check(fallback)
    return fallback
  }
}
