import {natRules} from '../../../lib/panels/openidcs/rules/nat.js'
import {ruleAdd} from '../../../lib/panels/openidcs/rules/rule-addition.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'forward a public port to a virtual machine',
  description:
    'A port and protocol that is forwarded already as asked is left alone (changed: false), to another target refused (reason: exists). Prints the rule as the panel lists it then. Servers of December 2025 only keep a record, also of a port that another virtual machine has; newer ones tell their router, which forwards tcp and udp.',
  examples: [
    'openidcs nat add node1 web01 --port 8080 --to 192.168.1.100:80 --note web',
    'openidcs nat add node1 web01 --port 5353 --to "[fd00::1]:53" --protocol udp',
  ],
  creates: true,
  ...ruleAdd(natRules),
})
