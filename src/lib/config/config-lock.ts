import {mkdir, rmdir, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import {usageError} from '../errors.js'
import {errorCode, fileError} from './file-error.js'

/** A live owner renews its lock every second, so one this old belongs to a process that was killed. */
const staleAfter = 5000
const renewEvery = 1000

/** Proof of holding the lock of a config folder: what may write there takes one. */
export interface ConfigLock {
  readonly configDir: string
  /** Throws when the lock was lost meanwhile (the machine slept, the folder was removed). */
  assertHeld(): void
}

/**
 * Runs `work` while no other panelctl changes `configDir`, which is made (0700) when missing.
 * Waits for others up to `patience` ms, with jitter so that a crowd does not march in step;
 * a killed process's lock is taken over. Throws USAGE when the folder stays locked or cannot be written.
 */
export async function withConfigLock<T>(
  configDir: string,
  work: (lock: ConfigLock) => Promise<T>,
  {patience = 10_000}: {patience?: number} = {},
): Promise<T> {
  try {
    await mkdir(configDir, {recursive: true, mode: 0o700})
  } catch (error) {
    throw fileError('create', configDir, error)
  }
  const {default: lockfile} = await import('proper-lockfile')
  const lockPath = join(configDir, '.lock')
  const state = {lost: false}
  const acquire = () =>
    lockfile.lock(configDir, {
      realpath: false,
      lockfilePath: lockPath,
      // its own recovery of stale locks lets two waiters remove each other's fresh lock; see removeStale
      stale: Number.MAX_SAFE_INTEGER,
      update: renewEvery,
      onCompromised: () => {
        state.lost = true
      },
    })

  const deadline = performance.now() + patience
  let release: (() => Promise<void>) | undefined
  while (release === undefined) {
    try {
      release = await acquire()
    } catch (error) {
      if (errorCode(error) !== 'ELOCKED') throw fileError('lock', configDir, error)
      await removeStale(lockPath)
      if (performance.now() >= deadline)
        throw usageError(
          `another panelctl is changing ${configDir}`,
          `try again; if no panelctl runs, remove the folder ${lockPath}`,
        )
      await pause(15 + Math.random() * 60)
    }
  }

  try {
    return await work({
      configDir,
      assertHeld() {
        if (state.lost) throw usageError(`lost the lock of ${configDir}`, 'try again')
      },
    })
  } finally {
    await release().catch(() => {
      // lost meanwhile: nothing of ours is left to remove
    })
  }
}

/**
 * Removes the lock of a killed process. Looking and removing are two steps, and between them another
 * waiter may have removed the old lock and taken a new one; a second lock makes the two steps one.
 */
async function removeStale(lockPath: string): Promise<void> {
  if (!(await isStale(lockPath))) return
  const {default: lockfile} = await import('proper-lockfile')
  try {
    const release = await lockfile.lock(lockPath, {
      realpath: false,
      lockfilePath: `${lockPath}.recovery`,
      stale: staleAfter,
      update: renewEvery,
      onCompromised: () => {},
    })
    try {
      if (await isStale(lockPath)) await rmdir(lockPath)
    } finally {
      await release()
    }
  } catch {
    // another waiter is at it, or the owner came back: the next attempt tells
  }
}

async function isStale(lockPath: string): Promise<boolean> {
  try {
    return (await stat(lockPath)).mtimeMs < Date.now() - staleAfter
  } catch {
    return false
  }
}
