import {flag} from '../../../lib/flags/flags.js'
import {vmArguments} from '../../../lib/panels/openidcs/machine-arguments.js'
import {openidcs} from '../../../lib/panels/openidcs/panel.js'
import {consoleAddress} from '../../../lib/panels/openidcs/vm/vm-console.js'
import {actionCommand} from '../../../lib/shapes/action.js'
import {openInBrowser} from '../../../lib/shapes/browser.js'

export default actionCommand({
  summary: 'print the address of the console of a virtual machine',
  description:
    'Whoever has the address can use the console. A new one is made each time, and the one before ends.',
  examples: ['openidcs vm console node1 web01', 'openidcs vm console node1 web01 --open'],
  args: vmArguments,
  flags: {open: flag.boolean({summary: 'open it in a browser'})},
  perform: async context => {
    const address = await consoleAddress(context.client(openidcs), context.args)
    if (context.flags.open && !context.flags['dry-run']) await openInBrowser(context, address)
    return address
  },
  value: address => address,
})
