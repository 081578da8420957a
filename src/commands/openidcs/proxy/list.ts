import {proxyRules} from '../../../lib/panels/openidcs/rules/proxies.js'
import {ruleList} from '../../../lib/panels/openidcs/rules/rules.js'
import {listCommand} from '../../../lib/shapes/list.js'

export default listCommand({
  summary: 'list the reverse proxies of a virtual machine',
  description:
    'The JSON has the same names on every version, and the index, which is the position at this moment. Newer servers tell neither type nor certificate of SSL.',
  examples: [
    'openidcs proxy list node1 web01',
    'openidcs proxy list node1 web01 -o json | jq -r ".[].domain"',
  ],
  ...ruleList(proxyRules),
})
