import {natRules} from '../../../lib/panels/openidcs/rules/nat.js'
import {ruleList} from '../../../lib/panels/openidcs/rules/rules.js'
import {listCommand} from '../../../lib/shapes/list.js'

export default listCommand({
  summary: 'list the port forwards of a virtual machine',
  description:
    'The JSON has the same names on every version, and the index, which is the position at this moment. Newer servers tell no protocol: they forward tcp and udp.',
  examples: [
    'openidcs nat list node1 web01',
    'openidcs nat list node1 web01 -o json | jq ".[].external_port"',
  ],
  ...ruleList(natRules),
})
