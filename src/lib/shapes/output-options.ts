import type {Surroundings} from '../command/command.js'
import type {GlobalValues} from '../command/global-flags.js'
import {PanelctlError} from '../errors.js'
import {type ColourLevel, colourLevel} from '../output/colour.js'

/** What the renderer wants to know of a run: its flags, and what stdout is. */
export function outputOptions({io, env, format, flags, now}: Surroundings & {flags: GlobalValues}) {
  const isTTY = io.stdout.isTTY === true
  const level: ColourLevel = colourLevel({env, flagNoColour: flags['no-color'], isTTY})
  return {
    format,
    columns: flags.columns,
    requestedColumns: flags.columns,
    noHeader: flags['no-header'],
    showHeader: !flags['no-header'],
    width: isTTY ? io.stdout.columns : undefined,
    colour: level,
    now: now(),
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
