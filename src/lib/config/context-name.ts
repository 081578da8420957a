import {type PanelctlError, usageError} from '../errors.js'
import {panelctl} from '../hint.js'
import {nearestNames} from '../nearest-names.js'

/** Names go into file names, shell words and messages unquoted. */
export function isContextName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)
}

/** Throws USAGE for a name that a context cannot have. */
export function checkContextName(name: string): void {
  if (isContextName(name)) return
  throw usageError(
    `${JSON.stringify(name)} cannot be the name of a context`,
    'use letters, digits, ".", "_" and "-", the first a letter or digit',
  )
}

/** USAGE for a name that no context has; `source` is what gave it (`--context`, a variable). */
export function unknownContext(name: string, names: Iterable<string>, source?: string): PanelctlError {
  const near = nearestNames(name, names)
  const message = `no context ${JSON.stringify(name)}${source === undefined ? '' : ` (${source})`}`
  return usageError(
    message,
    near.length > 0 ? `did you mean ${near.join(' or ')}?` : panelctl('context list'),
  )
}
