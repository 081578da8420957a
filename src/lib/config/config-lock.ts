import {type Lock, withLock} from './lock.js'
import type {ConfigPlace} from './place.js'

/** Proof of holding the lock of a config folder: what may write there takes one. */
export interface ConfigLock extends Lock {
  readonly configDir: string
}

/**
 * Runs `work` while no other panelctl changes `configDir`, which is made (0700) when missing.
 * Waits for others up to `patience` ms, and notes it where that takes longer than a crowd of logins does.
 * Throws as `withLock`.
 */
export function withConfigLock<T>(
  configDir: string,
  work: (lock: ConfigLock) => Promise<T>,
  {
    patience = 10_000,
    note,
    noteAfter = 1000,
  }: {patience?: number; note?: ConfigPlace['note']; noteAfter?: number} = {},
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
    lock => work({...lock, configDir}),
  )
}
