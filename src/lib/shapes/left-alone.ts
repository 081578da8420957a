import {PanelctlError} from '../errors.js'
import {flag} from '../flags/flags.js'
import type {Outcome} from './each.js'

/** The flag of what makes something that may be there. */
export const existsFlags = {
  'if-exists': flag.choice(['fail', 'skip'], {
    summary: 'where it is there: fail, or leave it',
    default: 'fail',
  }),
}

/** The flag of what takes something away that may be gone. */
export const missingFlags = {
  'if-missing': flag.choice(['fail', 'skip'], {
    summary: 'where it is not there: fail, or go on',
    default: 'fail',
  }),
}

/**
 * What comes of a failure that its user takes for done, so that a script may run twice.
 * @throws what it failed with, else
 */
export function leftAlone(
  error: unknown,
  flags: {readonly 'if-exists'?: string | undefined; readonly 'if-missing'?: string | undefined},
): Outcome<never> {
  const isFine =
    error instanceof PanelctlError &&
    ((error.reason === 'exists' && flags['if-exists'] === 'skip') ||
      (error.reason === 'missing' && flags['if-missing'] === 'skip'))
  if (!isFine) throw error
  return {changed: false, note: () => error.message}
}
