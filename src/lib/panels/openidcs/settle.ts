import {PanelctlError} from '../../errors.js'
import type {Hint} from '../../hint.js'

/**
 * A write that may have been done, as the one failure that says so (exit 7): an answer that nobody can read leaves as
 * much open as none at all.
 */
export function asUncertain(error: PanelctlError, hint: Hint): PanelctlError {
  if (error.code === 'UNCERTAIN') return error
  return new PanelctlError('UNCERTAIN', `${error.message}; it may have been done`, {
    hint,
    panel: error.panel,
    status: error.status,
    cause: error,
  })
}
