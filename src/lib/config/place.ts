import type {Environment} from './environment.js'

/** Where contexts and secrets of this run are kept, and what is needed to reach a keychain. */
export interface ConfigPlace {
  readonly configDir: string
  readonly env: Environment
  readonly platform?: NodeJS.Platform | undefined
}
