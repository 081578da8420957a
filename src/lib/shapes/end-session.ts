import {PanelctlError} from '../errors.js'
import type {Access} from '../http/access.js'
import type {Api} from '../http/client.js'
import type {Credential} from '../http/panel.js'

/** What a login left on the panel. */
export interface SessionToEnd {
  /** In the warning, where it cannot be ended. */
  readonly called: string
  credential(): Promise<Credential | null>
}

/** Ends a session on the panel, where it knows any. A failure keeps no secret from being forgotten or replaced. */
export async function endSession(
  {signOut}: Access,
  {called, credential}: SessionToEnd,
  api: Api,
  warn: (text: string) => void,
): Promise<void> {
  if (!signOut) return
  try {
    const found = await credential()
    if (found) await signOut(api, found)
  } catch (error) {
    if (!(error instanceof PanelctlError)) throw error
    warn(`${called} may still be open on the panel: ${error.message}`)
  }
}
