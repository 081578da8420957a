import {proxyRules} from '../../../lib/panels/openidcs/rules/proxies.js'
import {ruleDelete} from '../../../lib/panels/openidcs/rules/rule-deletion.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'delete a reverse proxy by its domain',
  description:
    'The panel deletes by position, and positions shift: the list is read just before, one request is sent and never repeated, and the list is read again. If no usable answer comes and the list shows that this rule alone is gone, it is done (exit 0), else exit 7.',
  examples: [
    'openidcs proxy delete node1 web01 --domain www.example.com',
    'openidcs proxy delete node1 web01 --index 1 --yes',
  ],
  ...ruleDelete(proxyRules),
})
