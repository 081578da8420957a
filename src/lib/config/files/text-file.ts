import {readdir, readlink, rename, rm, writeFile} from 'node:fs/promises'
import {basename, dirname, join, resolve} from 'node:path'
import {
  errorCode,
  isForbidden,
  isFull,
  isOfDisk,
  PanelctlError,
  systemReason,
  usageError,
} from '../../errors.js'
import {refuseForeign} from './foreign.js'
import {realpath, stat, textIn} from './look.js'

/** Proof of holding a lock: what may write takes one. */
export interface Lock {
  /** @throws PanelctlError USAGE when the lock was lost meanwhile (the machine slept, the folder was removed) */
  assertHeld(): void
}

/**
 * The text of a file of ours, or undefined when there is none.
 * @throws PanelctlError USAGE when there is one that cannot be read, AUTH where others could have written it
 */
export async function readTextFile(path: string): Promise<string | undefined> {
  await refuseForeign(path)
  try {
    return textIn(path)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw fileError('read', path, error)
  }
}

/**
 * Takes away what a run left that was killed while it wrote a file of this folder, and with it the secrets in there.
 * Whoever calls holds the lock, so that nobody is writing.
 */
export async function removeLeftovers(folder: string, name = ''): Promise<void> {
  for (const entry of await readdir(folder))
    if (entry.startsWith(`.${name}`) && /\.\d+-[\da-z]+\.new$/.test(entry))
      await rm(join(folder, entry), {force: true})
}

/**
 * Replaces a file (0600) in one step: readers, who never lock, and a kill -9 see the old text or the new.
 * A symbolic link stays one, and what it points to is replaced, because people keep config in dotfiles.
 */
export async function replaceTextFile(lock: Lock, path: string, text: string): Promise<void> {
  lock.assertHeld()
  await refuseForeign(path)
  const target = await linkTarget(path)
  const [folder, name] = [dirname(target), basename(target)]
  const temporary = join(folder, `.${name}.${process.pid}-${Date.now().toString(36)}.new`)
  // A limit of the size of files is told as a failure of the write: without a listener the lock's own ends the process.
  const survive = () => {}
  process.on('SIGXFSZ', survive)
  try {
    await removeLeftovers(folder, name)
    // All of it and on the disk before anything takes the place of the old file: a full disk fails here.
    await writeFile(temporary, text, {mode: 0o600, flag: 'wx', flush: true})
    await checkWhole(temporary, Buffer.byteLength(text))
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, {force: true}).catch(() => {})
    throw fileError('write', path, error)
  } finally {
    process.off('SIGXFSZ', survive)
  }
}

/**
 * Looks whether all that was written is there, before it takes the place of anything.
 * @throws Error as of a full disk
 */
export async function checkWhole(file: string, length: number): Promise<void> {
  const {size} = await stat(file)
  if (size !== length) throw Object.assign(new Error('it was written in part'), {code: 'ENOSPC'})
}

/** Where a link leads, also one whose target does not exist yet. */
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

/**
 * USAGE for a file of ours that the system does not let us use: what we tried, on which path, why not. UNEXPECTED where its
 * disk is full or fails.
 */
export function fileError(
  verb: string,
  path: string,
  cause: unknown,
  variable = 'PANELCTL_CONFIG_DIR',
): PanelctlError {
  if (isOfDisk(cause)) {
    const problem = isFull(cause)
      ? `there is no room for ${path} on its disk`
      : `cannot ${verb} ${path}: ${systemReason(cause)}`
    const hint = isFull(cause)
      ? 'make room there, and do it again'
      : 'its disk fails: look at the log of the system'
    return new PanelctlError('UNEXPECTED', `${problem}; it is as it was`, {hint, cause})
  }
  const mend = isForbidden(cause) ? "is HOME another user's? set it to yours" : 'fix it'
  return usageError(
    `cannot ${verb} ${path}: ${systemReason(cause)}`,
    `${mend}, or set ${variable} to another folder`,
  )
}
