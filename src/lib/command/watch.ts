import {setTimeout as sleep} from 'node:timers/promises'
import {PanelctlError, usageError} from '../errors.js'
import type {Surroundings} from './command.js'
import {writeOut} from './io.js'

/** Begins a screen anew. */
export const clearScreen = '\u001b[H\u001b[2J'

/** Whether `--watch` redraws a table in place: on a terminal, unless another format was asked for. */
export function redraws({format, io}: Surroundings): boolean {
  return format === 'table' && io.stdout.isTTY === true
}

/** @throws PanelctlError USAGE for a format that has no form as a stream */
export function checkWatchFormat({format}: Surroundings, flag = '--watch'): void {
  if (format === 'yaml' || format === 'csv' || format === 'id') {
    throw usageError(
      `${flag} prints a table or one JSON document a line, not ${format}`,
      `use -o ndjson, or leave out ${flag}`,
    )
  }
}

/**
 * Polls until interrupted. `draw` gives a whole screen or a whole line.
 * A poll that cannot reach the panel is reported and the next one tried; any other failure ends it.
 */
export async function watch(
  surroundings: Surroundings,
  interval: number,
  draw: () => Promise<string>,
): Promise<never> {
  const {io, speech, signal} = surroundings
  const inPlace = redraws(surroundings)
  for (;;) {
    try {
      const text = await draw()
      await writeOut(io, inPlace ? `${clearScreen}${text}` : text)
    } catch (error) {
      if (!(error instanceof PanelctlError) || error.code !== 'UNREACHABLE') throw error
      speech.warn(error.message)
    }
    await sleep(interval, undefined, {signal}).catch(() => signal.throwIfAborted())
  }
}
