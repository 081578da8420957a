import {actionCommand} from '../../../lib/command/action.js'
import {openInBrowser} from '../../../lib/command/browser.js'
import {flag} from '../../../lib/command/flags.js'
import {vmArguments} from '../../../lib/command/machine-arguments.js'

import {consoleAddress} from '../../../lib/panels/openidcs/vm-console.js'

export default actionCommand({
  summary: 'print the address of the console of a virtual machine',
  description:
    'Whoever has the address can use the console. A new one is made each time, and the one before ends.',
  examples: ['openidcs vm console node1 web01', 'openidcs vm console node1 web01 --open'],
  args: vmArguments,
  flags: {open: flag.boolean({summary: 'open it in a browser'})},
  perform: async context => {
    const address = await consoleAddress(context.api, context.args)
    if (context.flags.open && !context.flags['dry-run']) await openInBrowser(context, address)
    return address
  },
  value: address => address,
})
