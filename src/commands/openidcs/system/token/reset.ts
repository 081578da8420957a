import {openidcs} from '../../../../lib/panels/openidcs/panel.js'
import {rollToken} from '../../../../lib/panels/openidcs/system/tokens.js'
import {actionCommand} from '../../../../lib/shapes/action.js'
import {rotate} from '../../../../lib/shapes/replace-secret.js'

export default actionCommand({
  summary: 'let the panel make a new random access token, and print it',
  description:
    'The context that is in use has it then; what else uses the old one is locked out. The panel tells the new token once.',
  examples: ['openidcs system token reset --yes', 'openidcs system token reset --yes -o json | jq -r .token'],
  confirm: () => 'Replace the access token of the panel? Whatever uses the old one is locked out.',
  perform: run => rotate(run, openidcs, rollToken),
  value: ({token}) => token,
  reveals: true,
  done: () => 'the panel has a new token',
  // The answer holds what is never told again: it is waited for.
  endsItself: true,
})
