import type {KeychainAccess} from './keychain.js'

/** Where a context's secret lies. */
export type Store = 'file' | 'keychain'

/** A secret and what it is to the panel (`token`, `cookie`, `session`, `password`). */
export interface Secret {
  kind: string
  value: string
  /** The name that goes with it, of a password. */
  user?: string | undefined
}

/** Where contexts and secrets of this run are kept, and what is needed to reach a keychain. */
export interface ConfigPlace extends KeychainAccess {
  readonly configDir: string
  /** Tells a person what takes its time. */
  readonly note?: ((text: string) => void) | undefined
}
