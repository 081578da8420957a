import type {Credential, Session} from './panel.js'

/** What keeps sessions for later runs. */
export interface SessionKeeper {
  /** What is kept of a credential for an address, with the milliseconds that it still lasts. */
  find(url: string, credential: Credential): Promise<KeptSession | undefined>
  /** Keeps a session, or forgets it where there is none. Never throws: the next run logs in again. */
  keep(url: string, credential: Credential, session: Session | undefined): Promise<void>
}

export interface KeptSession extends Session {
  /** Milliseconds that it was good for when it was made. */
  readonly lasted: number
}
