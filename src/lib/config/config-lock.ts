import {type Lock, withLock} from './lock.js'

/** Proof of holding the lock of a config folder: what may write there takes one. */
export interface ConfigLock extends Lock {
  readonly configDir: string
}

/**
 * Runs `work` while no other panelctl changes `configDir`, which is made (0700) when missing.
 * Waits for others up to `patience` ms. Throws as `withLock`.
 */
export function withConfigLock<T>(
  configDir: string,
  work: (lock: ConfigLock) => Promise<T>,
  {patience = 10_000}: {patience?: number} = {},
): Promise<T> {
  return withLock(
    {
      folder: configDir,
      name: '.lock',
      patience,
      busy: `another panelctl is changing ${configDir}`,
      variable: 'PANELCTL_CONFIG_DIR',
    },
    lock => work({...lock, configDir}),
  )
}
