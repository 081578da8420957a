import {addressRules} from '../../../lib/panels/openidcs/rules/addresses.js'
import {ruleList} from '../../../lib/panels/openidcs/rules/rules.js'
import {listCommand} from '../../../lib/shapes/list.js'

export default listCommand({
  summary: 'list the IP addresses of a virtual machine',
  description:
    'Newer servers list network cards, one a row, which may have an IPv4 and an IPv6 address. The JSON has the same names on every version, and the index, which is the position at this moment.',
  examples: ['openidcs ip list node1 web01', 'openidcs ip list node1 web01 -o id'],
  ...ruleList(addressRules),
})
