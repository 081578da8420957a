import {PanelctlError} from '../../../src/lib/errors.js'

/** The PanelctlError that a call ends in; anything else fails the test. */
export async function failure(call: () => unknown): Promise<PanelctlError> {
  try {
    await call()
  } catch (error) {
    if (error instanceof PanelctlError) return error
    throw error
  }
  throw new Error('expected a PanelctlError, and there was none')
}
