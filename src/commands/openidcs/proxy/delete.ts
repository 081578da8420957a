import {flag} from '../../../lib/flags/flags.js'
import {vmArguments} from '../../../lib/panels/openidcs/machine-arguments.js'
import {proxyChoice, proxyRules} from '../../../lib/panels/openidcs/rules/proxies.js'
import {removalQuestion, removalWords, removeRule} from '../../../lib/panels/openidcs/rules/rule-deletion.js'
import {findRule} from '../../../lib/panels/openidcs/rules/rules.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'delete a reverse proxy by its domain',
  description:
    'The panel deletes by position, and positions shift: the list is read just before, one request is sent and never repeated, and the list is read again. If no usable answer comes and the list shows that this rule alone is gone, it is done (exit 0), else exit 7.',
  examples: [
    'openidcs proxy delete node1 web01 --domain www.example.com',
    'openidcs proxy delete node1 web01 --index 1 --yes',
  ],
  args: vmArguments,
  flags: {
    domain: flag.text({summary: 'domain of the proxy', placeholder: 'name', filled: true}),
    index: flag.integer({summary: 'position in the list, as proxy list shows it'}),
  },
  prepare: ({api, args, flags}) => findRule(api, proxyRules, args, proxyChoice(flags)),
  confirm: ({args}, found) => removalQuestion(proxyRules, args, found),
  perform: ({api, args, speech}, found) => removeRule(api, proxyRules, args, found, {speech}),
  done: ({args}, removal) => removalWords(proxyRules, args, removal),
})
