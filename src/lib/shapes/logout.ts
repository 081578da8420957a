import type {Command} from '../command/command.js'
import {checkForget, forgetCredential} from '../config/contexts/change-context.js'
import {PanelctlError, usageError} from '../errors.js'
import {hint, panelctl} from '../hint.js'
import type {Access} from '../http/access.js'
import type {Api} from '../http/client.js'
import type {Credential} from '../http/panel.js'
import {actionCommand} from './action.js'

/** Forgets the secret of a context; the context stays. */
export function logoutCommand(access: Access, examples: readonly string[]): Command {
  const {panel} = access
  return actionCommand({
    summary: `forget the saved credential for ${panel.title}`,
    description: 'The context stays, without a secret. --context names one; otherwise it is the one in use.',
    examples,
    perform: async ({connect, client, configDir, flags, env, speech}) => {
      const connection = await connect(panel)
      const name = connection.contextName
      if (name === undefined) {
        throw usageError(
          'no context is in use here',
          hint`name one with --context NAME out of: ${panelctl('context list')}`,
        )
      }
      const place = {configDir: configDir(), env, note: speech.note}
      const [result, isDryRun] = [{context: name}, flags['dry-run']]
      const isHeld = await checkForget(place, name)
      // Before the request that would be sent, with which a dry run ends.
      if (isDryRun && isHeld) speech.note(`would forget the credential of the context ${name}`)
      // What is not stored here is not ours to end.
      if (isHeld) {
        const credential = async () => {
          const found = await connection.credential()
          return found?.from === 'context' ? found : undefined
        }
        const session = {called: 'the session', credential}
        await endSession(access, session, client(panel, connection).call, speech.warn)
      }
      const found = isDryRun ? isHeld : await forgetCredential(place, name)
      if (!found) return {result, unneeded: `the context ${name} has no credential to forget`}
      if (!isDryRun) speech.note(`forgot the credential of the context ${name}`)
      return result
    },
  })
}

/** What a login left on the panel. */
export interface SessionToEnd {
  /** In the warning, where it cannot be ended. */
  readonly called: string
  credential(): Promise<Credential | undefined>
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
