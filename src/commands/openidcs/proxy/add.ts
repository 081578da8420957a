import {proxyRules} from '../../../lib/panels/openidcs/rules/proxies.js'
import {ruleAdd} from '../../../lib/panels/openidcs/rules/rule-addition.js'
import {actionCommand} from '../../../lib/shapes/action.js'
import {textOfFiles} from '../../../lib/shapes/document-flags.js'

export default actionCommand({
  summary: 'serve a domain from a virtual machine',
  description:
    'A domain that is served already as asked is left alone (changed: false), to another target refused (reason: exists). Prints the proxy as the panel lists it then. Servers of December 2025 only keep a record, also of a domain that another virtual machine has; newer ones start a web server, and get certificates themselves.',
  examples: [
    'openidcs proxy add node1 web01 --domain www.example.com --to 192.168.1.100:80',
    'openidcs proxy add node1 web01 --domain www.example.com --to 192.168.1.100:80 --ssl --ssl-cert web.crt --ssl-key web.key',
  ],
  creates: true,
  ...ruleAdd(proxyRules, textOfFiles),
})
