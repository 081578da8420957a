import {flag} from '../../../lib/flags/flags.js'
import {vmArguments} from '../../../lib/panels/openidcs/machine-arguments.js'
import {proxyRules, proxyWanted} from '../../../lib/panels/openidcs/rules/proxies.js'
import {addRule} from '../../../lib/panels/openidcs/rules/rule-addition.js'
import {proxyColumns} from '../../../lib/panels/openidcs/rules/rule-columns.js'
import {actionCommand} from '../../../lib/shapes/action.js'
import {textOfFiles} from '../../../lib/shapes/document-flags.js'

export default actionCommand({
  summary: 'serve a domain from a virtual machine',
  description:
    'A domain that the virtual machine has already is refused. Prints the proxy as the panel lists it then. Servers of December 2025 only keep a record; newer ones start a web server, and get certificates themselves.',
  examples: [
    'openidcs proxy add node1 web01 --domain www.example.com --to 192.168.1.100:80',
    'openidcs proxy add node1 web01 --domain www.example.com --to 192.168.1.100:80 --ssl --ssl-cert web.crt --ssl-key web.key',
  ],
  args: vmArguments,
  flags: {
    domain: flag.text({summary: 'domain to serve', placeholder: 'name', filled: true, required: true}),
    to: flag.addressAndPort({summary: 'address and port of the virtual machine', required: true}),
    ssl: flag.boolean({summary: 'serve it over HTTPS'}),
    'ssl-type': flag.text({
      summary: 'older servers only: where the certificate is from',
      placeholder: 'text',
      filled: true,
    }),
    'ssl-cert': flag.text({
      summary: 'older servers only: file of the certificate, - for stdin',
      placeholder: 'file',
      filled: true,
    }),
    'ssl-key': flag.text({
      summary: 'older servers only: file of its key, - for stdin',
      placeholder: 'file',
      filled: true,
    }),
    note: flag.text({summary: 'what it is for', placeholder: 'text'}),
  },
  async perform({api, args, flags, speech, io}) {
    const files = await textOfFiles({cert: flags['ssl-cert'], key: flags['ssl-key']}, {io})
    return addRule(api, proxyRules, args, proxyWanted(flags, files), {speech})
  },
  columns: proxyColumns,
  done: ({args}, rule) => `added the proxy ${proxyRules.describe(rule)} of ${args.vm}`,
})
