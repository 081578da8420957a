import {textOf} from '../../../lib/panels/openidcs/loose-values.js'
import {vmArguments} from '../../../lib/panels/openidcs/machine-arguments.js'
import {proxyRules} from '../../../lib/panels/openidcs/rules/proxies.js'
import {proxyColumns} from '../../../lib/panels/openidcs/rules/rule-columns.js'
import {readRules} from '../../../lib/panels/openidcs/rules/rules.js'
import {listCommand} from '../../../lib/shapes/list.js'

export default listCommand({
  summary: 'list the reverse proxies of a virtual machine',
  description:
    'The JSON has the same names on every version, and the index, which is the position at this moment. Newer servers tell neither type nor certificate of SSL.',
  examples: [
    'openidcs proxy list node1 web01',
    'openidcs proxy list node1 web01 -o json | jq -r ".[].domain"',
  ],
  args: vmArguments,
  noun: 'proxies',
  fetch: ({api, args}) => readRules(api, proxyRules, args),
  columns: proxyColumns,
  id: rule => textOf(rule.domain) ?? '',
})
