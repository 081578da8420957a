import type {Surroundings} from '../command/command.js'
import type {GlobalValues} from '../command/global-flags.js'
import {writeOut} from '../command/io.js'
import {DryRun} from '../http/dry-run.js'
import {documentText} from '../output/formats.js'
import {checkOutputFlags} from '../output/render.js'
import {inFittingFormat, outputOptions} from './output-options.js'

/**
 * The run of a command whose result has no rows, in the format that it prints in.
 * @throws PanelctlError USAGE for what only rows heed
 */
export function withoutRows<Run extends Surroundings & {readonly flags: GlobalValues}>(given: Run): Run {
  return inFittingFormat(given, run =>
    checkOutputFlags({...outputOptions(run), hasRows: false, hasId: false}),
  )
}

type Printing = Pick<Surroundings, 'io' | 'format'>

/** Prints a result that has no rows. */
export async function printDocument({io, format}: Printing, value: unknown): Promise<void> {
  await writeOut(io, await documentText(format, value))
}

/**
 * Prints what would have been sent.
 * @throws whatever else it failed with
 */
export async function printPlanned(run: Printing, error: unknown): Promise<void> {
  if (!(error instanceof DryRun)) throw error
  await printDocument(run, error.plan)
}
