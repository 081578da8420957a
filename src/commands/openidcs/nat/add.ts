import {flag} from '../../../lib/flags/flags.js'
import {vmArguments} from '../../../lib/panels/openidcs/machine-arguments.js'
import {natRules, natWanted, protocols} from '../../../lib/panels/openidcs/rules/nat.js'
import {addRule} from '../../../lib/panels/openidcs/rules/rule-addition.js'
import {natColumns} from '../../../lib/panels/openidcs/rules/rule-columns.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'forward a public port to a virtual machine',
  description:
    'A port and protocol that is forwarded already is refused, as the panel would add it twice. Prints the rule as the panel lists it then. Servers of December 2025 only keep a record; newer ones tell their router, which forwards tcp and udp.',
  examples: [
    'openidcs nat add node1 web01 --port 8080 --to 192.168.1.100:80 --note web',
    'openidcs nat add node1 web01 --port 5353 --to [fd00::1]:53 --protocol udp',
  ],
  args: vmArguments,
  flags: {
    port: flag.integer({summary: 'public port', min: 1, max: 65_535, required: true}),
    to: flag.addressAndPort({summary: 'address and port of the virtual machine', required: true}),
    protocol: flag.choice(protocols, {summary: 'what is forwarded (default tcp)'}),
    note: flag.text({summary: 'what it is for', placeholder: 'text'}),
  },
  perform: ({api, args, flags, speech}) => addRule(api, natRules, args, natWanted(flags), {speech}),
  columns: natColumns,
  done: ({args}, rule) => `added the port forward ${natRules.describe(rule)} of ${args.vm}`,
})
