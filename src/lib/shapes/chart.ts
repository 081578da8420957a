import type {Surroundings} from '../command/command.js'
import type {GlobalValues} from '../command/global-flags.js'
import {terminalWidth} from '../command/io.js'
import {usageError} from '../errors.js'
import {flag} from '../flags/flags.js'
import type {Curve} from '../output/chart.js'
import {formats} from '../output/formats.js'

/** The flag of lists that can be drawn. */
export const chartFlags = {
  chart: flag.boolean({summary: 'draw curves instead of a table'}),
}

/** How wide a chart is where there is no terminal to fill. */
const USUAL_WIDTH = 80

/** @throws PanelctlError USAGE for flags that mean nothing to a drawing */
export function checkChartFlags({format, flags}: Surroundings & {readonly flags: GlobalValues}): void {
  if (formats[format].carries !== 'table') {
    throw usageError(`--chart draws for people, and -o ${format} is for programs`, 'leave out one of them')
  }
  const [given] = (['columns', 'sort', 'no-header'] as const).filter(name => flags[name])
  if (given) throw usageError(`--${given} goes with a table, not with --chart`, `leave out --${given}`)
}

/** The curves, as wide as the terminal. */
export async function drawCurves(surroundings: Surroundings, curves: readonly Curve[]): Promise<string> {
  const {renderCurves} = await import('../output/chart.js')
  return renderCurves(curves, terminalWidth(surroundings) ?? USUAL_WIDTH)
}
