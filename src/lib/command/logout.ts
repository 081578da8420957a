import {checkForget, forgetCredential} from '../config/contexts.js'
import {usageError} from '../errors.js'
import type {Access} from '../http/access.js'
import {actionCommand} from './action.js'
import type {Command} from './command.js'

/** Forgets the secret of a context; the context stays. */
export function logoutCommand({panel}: Access, examples: readonly string[]): Command {
  return actionCommand({
    summary: `forget the saved credential for ${panel.title}`,
    description: 'The context stays, without a secret. --context names one; otherwise it is the one in use.',
    examples,
    perform: async ({connect, configDir, flags, env, speech}) => {
      const name = (await connect(panel)).contextName
      if (name === null) {
        throw usageError(
          'no context is in use here',
          'name one: --context NAME; panelctl context list shows them',
        )
      }
      const place = {configDir: configDir(), env, note: speech.note}
      const found = await (flags['dry-run'] ? checkForget : forgetCredential)(place, name)
      speech.note(
        found
          ? `${flags['dry-run'] ? 'would forget' : 'forgot'} the credential of the context ${name}`
          : `the context ${name} has no credential to forget`,
      )
      return {context: name}
    },
  })
}
