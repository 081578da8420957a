import {setTimeout as sleep} from 'node:timers/promises'
import type {Surroundings} from '../command/command.js'
import type {GlobalValues} from '../command/global-flags.js'
import {writeOut} from '../command/io.js'
import {PanelctlError, usageError} from '../errors.js'
import {isDumb} from '../output/colour.js'
import {formats} from '../output/formats.js'

/** Whether `--watch` redraws a table in place: on a terminal, unless another format was asked for. */
export function redraws({format, io}: Surroundings): boolean {
  return formats[format].carries === 'table' && io.stdout.isTTY === true
}

interface WatchFlags extends GlobalValues {
  readonly interval: number | undefined
}

/**
 * @throws PanelctlError USAGE for a format that has no form as a stream, for columns where no table is drawn, and for `--interval`
 * where nothing is repeated
 */
export function checkWatch(
  surroundings: Surroundings & {readonly flags: WatchFlags},
  flag: '--watch' | '--follow',
  isGiven: boolean,
): void {
  const {format, flags} = surroundings
  if (!isGiven && flags.interval !== undefined)
    throw usageError(`--interval goes with ${flag}`, `add ${flag}`)
  if (isGiven && !formats[format].streams) {
    throw usageError(
      `${flag} prints a table or one JSON document a line, not ${format}`,
      `use -o ndjson, or leave out ${flag}`,
    )
  }
  if (isGiven && !redraws(surroundings) && (flags.columns !== undefined || flags['no-header']))
    throw usageError('--columns and --no-header go with a table on a terminal', 'use jq on the lines')
}

/** The beginning of a screen that leaves `spare` rows of the terminal free, so that its header is never scrolled away. */
function cutToRows(text: string, rows: number | undefined, spare: number): string {
  const lines = text.split('\n').slice(0, -1)
  // A pseudo-terminal that nobody gave a size has 0 rows.
  const room = Math.max(2, (rows || Number.POSITIVE_INFINITY) - spare)
  if (lines.length <= room) return text
  const kept = lines.slice(0, room - 1)
  return `${kept.join('\n')}\n… ${lines.length - kept.length} more\n`
}

/** Begins a screen anew, with room for a warning below it; where there is none to begin, one table follows the other. */
export async function redraw(
  {env, io}: Pick<Surroundings, 'env' | 'io'>,
  text: string,
  warning?: string,
): Promise<void> {
  if (isDumb(env)) {
    if (warning === undefined) await writeOut(io, `${text}\n`)
    return
  }
  const rows = warning === undefined ? 0 : 1 + Math.floor(warning.length / (io.stdout.columns || 80))
  // The cursor takes the row below the last line.
  return writeOut(io, `\u001b[H\u001b[2J${cutToRows(text, io.stdout.rows, 1 + rows)}`)
}

/**
 * Polls until interrupted. `draw` gives a whole screen or a whole line.
 * A poll that cannot reach the panel is reported and the next one tried; any other failure ends it.
 */
export async function watch(
  surroundings: Surroundings,
  interval: number | undefined,
  draw: () => Promise<string>,
): Promise<never> {
  const {io, speech, signal} = surroundings
  const inPlace = redraws(surroundings)
  let shown = ''
  for (;;) {
    try {
      const text = await draw()
      await (inPlace ? redraw(surroundings, text) : writeOut(io, text))
      shown = text
    } catch (error) {
      if (!(error instanceof PanelctlError) || error.code !== 'UNREACHABLE') throw error
      // The warnings of several polls would pile up below the table.
      if (inPlace) await redraw(surroundings, shown, error.message)
      speech.warn(error.message)
    }
    await sleep(interval ?? 5000, undefined, {signal}).catch(() => signal.throwIfAborted())
  }
}
