import {rmdir, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import {type ErrorCode, errorCode, PanelctlError, usageError} from '../../errors.js'
import {refuseForeign} from './foreign.js'
import {makeFolders} from './make-folders.js'
import {fileError, type Lock, removeLeftovers} from './text-file.js'

/** A live owner renews its lock every second, so one this old belongs to a process that was killed. */
const staleAfter = 5000
const renewEvery = 1000
/** So long nobody who lives leaves it as it is. */
const idleAfter = 1.5 * renewEvery

export interface LockOptions {
  /** Made (0700) when missing. */
  readonly folder: string
  /** The name of the lock in that folder. */
  readonly name: string
  /** Milliseconds to wait for others. */
  readonly patience: number
  /** What others are at when it stays locked; ends "try again". */
  readonly busy: string
  /** What it ends with then; USAGE if not said. */
  readonly busyCode?: ErrorCode
  /** The variable that puts the folder elsewhere, for hints. */
  readonly variable: string
  readonly signal?: AbortSignal | undefined
  /** Called once, when another one holds the lock, and does so for `waitingAfter` ms (0 if not said). */
  waiting?(): void
  readonly waitingAfter?: number | undefined
}

/**
 * Runs `work` while nobody else holds the lock. Waits with jitter so that a crowd does not march in step;
 * a killed process's lock is taken over.
 * @throws PanelctlError `busyCode` when it stays locked, USAGE when the folder cannot be written, AUTH where others can write it, and
 * the signal's reason when that ends the waiting
 */
export async function withLock<T>(options: LockOptions, work: (lock: Lock) => Promise<T>): Promise<T> {
  const {folder, name, patience, busy, variable, signal} = options
  try {
    await makeFolders(folder)
  } catch (error) {
    throw fileError('create', folder, error, variable)
  }
  await refuseForeign(folder)
  const {default: lockfile} = await import('proper-lockfile')
  const lockPath = join(folder, name)
  const state = {lost: false}
  const acquire = () =>
    // the library tells locks apart by the first path, which need not exist
    lockfile.lock(lockPath, {
      realpath: false,
      lockfilePath: lockPath,
      // its own recovery of stale locks lets two waiters remove each other's fresh lock; see removeStale
      stale: Number.MAX_SAFE_INTEGER,
      update: renewEvery,
      onCompromised: () => {
        state.lost = true
      },
    })

  const started = performance.now()
  let told = false
  let seen: Seen | undefined
  let release: (() => Promise<void>) | undefined
  while (release === undefined) {
    signal?.throwIfAborted()
    try {
      release = await acquire()
    } catch (error) {
      if (errorCode(error) !== 'ELOCKED') throw fileError('lock', folder, error, variable)
      seen = await look(lockPath, seen)
      await removeStale(lockPath, seen)
      const waitedFor = performance.now() - started
      if (waitedFor >= patience)
        throw new PanelctlError(options.busyCode ?? 'USAGE', busy, {
          hint: `try again; if no panelctl runs, remove the folder ${lockPath}`,
        })
      if (!told && waitedFor >= (options.waitingAfter ?? 0)) {
        options.waiting?.()
        told = true
      }
      await pause(15 + Math.random() * 60)
    }
  }

  try {
    return await work({
      assertHeld() {
        if (state.lost) throw usageError(`lost the lock of ${folder}`, 'try again')
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
async function removeStale(lockPath: string, seen: Seen | undefined): Promise<void> {
  if (!isStale(seen)) return
  const {default: lockfile} = await import('proper-lockfile')
  try {
    const release = await lockfile.lock(`${lockPath}.recovery`, {
      realpath: false,
      lockfilePath: `${lockPath}.recovery`,
      stale: staleAfter,
      update: renewEvery,
      onCompromised: () => {},
    })
    try {
      if (isStale(await look(lockPath, seen))) await rmdir(lockPath)
    } finally {
      await release()
    }
  } catch {
    // another waiter is at it, or the owner came back: the next attempt tells
  }
}

interface Seen {
  readonly renewed: number
  /** Since when it is seen as it is, by a clock that nobody sets. */
  readonly since: number
}

async function look(lockPath: string, before: Seen | undefined): Promise<Seen | undefined> {
  try {
    const {mtimeMs: renewed} = await stat(lockPath)
    return before?.renewed === renewed ? before : {renewed, since: performance.now()}
  } catch {
    return undefined
  }
}

/** A clock that went back leaves locks out of the future, whose age would say nothing until it gets there. */
function isStale(seen: Seen | undefined): boolean {
  if (seen === undefined) return false
  const age = Date.now() - seen.renewed
  return age > staleAfter || (age < -staleAfter && performance.now() - seen.since > idleAfter)
}

/** Proof of holding the lock of a config folder: what may write there takes one. */
export interface ConfigLock extends Lock {
  readonly configDir: string
}

/**
 * Runs `work` while no other panelctl changes `configDir`, which is made (0700) when missing.
 * Waits for others up to `patience` ms, and notes it where that takes longer than a crowd of logins does.
 * @throws as `withLock`
 */
export function withConfigLock<T>(
  {configDir, note}: {readonly configDir: string; readonly note?: ((text: string) => void) | undefined},
  work: (lock: ConfigLock) => Promise<T>,
  {patience = 10_000, noteAfter = 1000}: {patience?: number; noteAfter?: number} = {},
): Promise<T> {
  const busy = `another panelctl is changing ${configDir}`
  return withLock(
    {
      folder: configDir,
      name: '.lock',
      patience,
      busy,
      waiting: () => note?.(`${busy}: waiting for it`),
      waitingAfter: noteAfter,
      variable: 'PANELCTL_CONFIG_DIR',
    },
    async lock => {
      // Also where nothing is written then, as by a logout without a secret.
      await removeLeftovers(configDir)
      return work({...lock, configDir})
    },
  )
}
