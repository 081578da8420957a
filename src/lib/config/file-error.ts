import {type PanelctlError, usageError} from '../errors.js'

/** The system's code of a failure (`ENOENT`), where it has one. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** USAGE for a file of ours that the system does not let us use: what we tried, on which path, why not. */
export function fileError(
  verb: string,
  path: string,
  cause: unknown,
  variable = 'PANELCTL_CONFIG_DIR',
): PanelctlError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return usageError(`cannot ${verb} ${path}: ${reason}`, `fix it, or set ${variable} to another folder`)
}
