import {addressRules} from '../../../lib/panels/openidcs/rules/addresses.js'
import {ruleAdd} from '../../../lib/panels/openidcs/rules/rule-addition.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'add an IP address to a virtual machine',
  description:
    'An address that is there already as asked is left alone (changed: false), otherwise refused (reason: exists). Prints it as the panel lists it then. Servers of December 2025 only keep a record, also of an address that another virtual machine has; newer ones, where that is warned of, add a network card, which they name themselves and give an IPv4 address in any case, and start the virtual machine again.',
  examples: [
    'openidcs ip add node1 web01 --address 192.168.1.101 --netmask 255.255.255.0 --gateway 192.168.1.1',
    'openidcs ip add node1 web01 --address 192.168.1.102 --nic-type nat --dns 9.9.9.9',
  ],
  creates: true,
  ...ruleAdd(addressRules),
})
