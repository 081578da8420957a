import {flag} from '../../../lib/flags/flags.js'
import {forceFlags, vmArguments} from '../../../lib/panels/openidcs/machine-arguments.js'
import {
  addressRules,
  addressTypes,
  addressWanted,
  cardTypes,
} from '../../../lib/panels/openidcs/rules/addresses.js'
import {addRule} from '../../../lib/panels/openidcs/rules/rule-addition.js'
import {addressColumns} from '../../../lib/panels/openidcs/rules/rule-columns.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'add an IP address to a virtual machine',
  description:
    'An address that is there already is refused. Prints it as the panel lists it then. Servers of December 2025 only keep a record; newer ones add a network card, which they name themselves and give an IPv4 address in any case, and start the virtual machine again.',
  examples: [
    'openidcs ip add node1 web01 --address 192.168.1.101 --netmask 255.255.255.0 --gateway 192.168.1.1',
    'openidcs ip add node1 web01 --address 192.168.1.102 --nic-type nat --dns 9.9.9.9',
  ],
  args: vmArguments,
  flags: {
    address: flag.address({summary: 'address to add', required: true}),
    type: flag.choice(addressTypes, {summary: 'its version (default: what it is)'}),
    netmask: flag.text({summary: 'netmask', placeholder: 'mask', filled: true}),
    gateway: flag.address({summary: 'gateway'}),
    nic: flag.text({summary: 'network card it belongs to, as ethernet0', placeholder: 'name', filled: true}),
    note: flag.text({summary: 'what it is for', placeholder: 'text'}),
    'nic-type': flag.choice(cardTypes, {summary: 'newer servers only: network of the card (default nat)'}),
    dns: flag.address({summary: 'newer servers only: name server', multiple: true}),
    ...forceFlags,
  },
  perform: ({api, args, flags, speech}) =>
    addRule(api, addressRules, args, addressWanted(flags), {speech, force: flags.force}),
  columns: addressColumns,
  done: ({args}, rule) => `added the address ${addressRules.describe(rule)} of ${args.vm}`,
})
