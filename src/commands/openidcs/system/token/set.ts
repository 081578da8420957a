import {openidcs} from '../../../../lib/panels/openidcs/panel.js'
import {changeToken} from '../../../../lib/panels/openidcs/system/tokens.js'
import {actionCommand} from '../../../../lib/shapes/action.js'
import {newSecretFlags, newSecretOf, rotate} from '../../../../lib/shapes/replace-secret.js'

export default actionCommand({
  summary: 'give the panel another access token',
  description:
    'The new token comes from stdin or a file, and is not printed. The context that is in use has it then; what else uses the old one is locked out.',
  examples: [
    'openidcs system token set --yes < token.txt',
    'openidcs system token set --token-file token.txt',
    'openidcs system token set --token-file token.txt --dry-run',
  ],
  flags: newSecretFlags,
  confirm: () => 'Replace the access token of the panel? Whatever uses the old one is locked out.',
  perform: async run => {
    const secret = await newSecretOf(run, openidcs)
    return rotate(run, openidcs, (api, apiWith) => changeToken({api, apiWith, warn: run.speech.warn}, secret))
  },
  done: () => 'the panel has the new token',
  // Once it was sent, the old one may be dead: the answer is waited for, so that the context gets the new one.
  endsItself: true,
})
