import {readFile, readlink, realpath} from 'node:fs/promises'
import {dirname, resolve} from 'node:path'
import {errorCode, fileError} from './file-error.js'
import type {Lock} from './lock.js'

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
