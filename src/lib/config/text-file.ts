import {readFile, readlink, realpath} from 'node:fs/promises'
import {dirname, resolve} from 'node:path'
import {type PanelctlError, usageError} from '../errors.js'

/** Proof of holding a lock: what may write takes one. */
export interface Lock {
  /** Throws when the lock was lost meanwhile (the machine slept, the folder was removed). */
  assertHeld(): void
}

/** The text of a file, or null when there is none. Throws USAGE when there is one that cannot be read. */
export async function readTextFile(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw fileError('read', path, error)
  }
}

/**
 * Replaces a file (0600) in one step: readers, who never lock, and a kill -9 see the old text or the new.
 * A symbolic link stays one, and what it points to is replaced, because people keep config in dotfiles.
 */
export async function replaceTextFile(lock: Lock, path: string, text: string): Promise<void> {
  lock.assertHeld()
  const {default: writeFileAtomic} = await import('write-file-atomic')
  try {
    await writeFileAtomic(await linkTarget(path), text, {mode: 0o600, fsync: true})
  } catch (error) {
    throw fileError('write', path, error)
  }
}

/** write-file-atomic follows links, but replaces one whose target does not exist yet. */
async function linkTarget(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
  try {
    return await linkTarget(resolve(dirname(path), await readlink(path)))
  } catch (error) {
    // ENOENT: nothing there at all; EINVAL: made meanwhile, and no link
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'EINVAL') return path
    throw error
  }
}

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
