import {checkForget, forgetCredential} from '../config/contexts.js'
import {PanelctlError, usageError} from '../errors.js'
import type {Access} from '../http/access.js'
import {actionCommand} from './action.js'
import type {Command} from './command.js'

/** Forgets the secret of a context; the context stays. */
export function logoutCommand({panel, signOut}: Access, examples: readonly string[]): Command {
  return actionCommand({
    summary: `forget the saved credential for ${panel.title}`,
    description: 'The context stays, without a secret. --context names one; otherwise it is the one in use.',
    examples,
    perform: async ({connect, client, configDir, flags, env, speech}) => {
      const connection = await connect(panel)
      const name = connection.contextName
      if (name === null) {
        throw usageError(
          'no context is in use here',
          'name one: --context NAME; panelctl context list shows them',
        )
      }
      const place = {configDir: configDir(), env, note: speech.note}
      if (signOut && !flags['dry-run'] && (await checkForget(place, name))) {
        // Whatever is wrong with it or the panel says, nobody is to find the secret here.
        await endSession().catch((error: unknown) => {
          if (!(error instanceof PanelctlError)) throw error
          speech.warn(`the session may still be open on the panel: ${error.message}`)
        })
      }
      const found = await (flags['dry-run'] ? checkForget : forgetCredential)(place, name)
      speech.note(
        found
          ? `${flags['dry-run'] ? 'would forget' : 'forgot'} the credential of the context ${name}`
          : `the context ${name} has no credential to forget`,
      )
      return {context: name}

      async function endSession() {
        const credential = await connection.credential()
        if (credential?.from === 'context') await signOut?.(client(panel, connection).call, credential)
      }
    },
  })
}
