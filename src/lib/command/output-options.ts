import {type ColourLevel, colourLevel} from '../output/colour.js'
import type {Surroundings} from './command.js'
import type {GlobalValues} from './global-flags.js'

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
