import {natRules} from '../../../lib/panels/openidcs/rules/nat.js'
import {ruleDelete} from '../../../lib/panels/openidcs/rules/rule-deletion.js'
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
  ...ruleDelete(natRules),
})
