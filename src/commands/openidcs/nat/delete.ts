import {flag} from '../../../lib/flags/flags.js'
import {vmArguments} from '../../../lib/panels/openidcs/machine-arguments.js'
import {natChoice, natRules, protocols} from '../../../lib/panels/openidcs/rules/nat.js'
import {removalQuestion, removalWords, removeRule} from '../../../lib/panels/openidcs/rules/rule-deletion.js'
import {findRule} from '../../../lib/panels/openidcs/rules/rules.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'delete a port forward by its public port',
  description:
    'The panel deletes by position, and positions shift: the list is read just before, one request is sent and never repeated, and the list is read again. If no usable answer comes and the list shows that this rule alone is gone, it is done (exit 0), else exit 7. Newer servers have no rule for one protocol alone: --protocol finds the one for both.',
  examples: [
    'openidcs nat delete node1 web01 --port 8080',
    'openidcs nat delete node1 web01 --port 53 --protocol udp',
    'openidcs nat delete node1 web01 --index 2 --yes',
  ],
  args: vmArguments,
  flags: {
    port: flag.integer({summary: 'public port', min: 1, max: 65_535}),
    protocol: flag.choice(protocols, {summary: 'what is forwarded, where a port has both'}),
    index: flag.integer({summary: 'position in the list, as nat list shows it'}),
  },
  prepare: ({api, args, flags}) => findRule(api, natRules, args, natChoice(flags)),
  confirm: ({args}, found) => removalQuestion(natRules, args, found),
  perform: ({api, args, speech}, found) => removeRule(api, natRules, args, found, {speech}),
  done: ({args}, removal) => removalWords(natRules, args, removal),
})
