import type {KeychainAccess} from './keychain.js'

/** Where contexts and secrets of this run are kept, and what is needed to reach a keychain. */
export interface ConfigPlace extends KeychainAccess {
  readonly configDir: string
  /** Tells a person what takes its time. */
  readonly note?: ((text: string) => void) | undefined
}
