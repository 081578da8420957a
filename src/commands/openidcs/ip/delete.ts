import {addressRules} from '../../../lib/panels/openidcs/rules/addresses.js'
import {ruleDelete} from '../../../lib/panels/openidcs/rules/rule-deletion.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'delete an IP address of a virtual machine',
  description:
    'The panel deletes by position, and positions shift: the list is read just before, one request is sent and never repeated, and the list is read again. If no usable answer comes and the list shows that this rule alone is gone, it is done (exit 0), else exit 7. On newer servers an address is a network card, and the virtual machine is started again.',
  examples: [
    'openidcs ip delete node1 web01 --address 192.168.1.100',
    'openidcs ip delete node1 web01 --index 0 --yes',
  ],
  ...ruleDelete(addressRules),
})
