import {PanelctlError} from '../../../src/lib/errors.js'
import {asPrinted} from '../../failure.js'

/** The PanelctlError that a call ends in, with its hint as it is printed; anything else fails the test. */
export async function failure(call: () => unknown): Promise<PanelctlError & {readonly hint?: string}> {
  try {
    await call()
  } catch (error) {
    if (error instanceof PanelctlError) return asPrinted(error)
    throw error
  }
  throw new Error('expected a PanelctlError, and there was none')
}
