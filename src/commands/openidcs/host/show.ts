import {flag} from '../../../lib/flags/flags.js'
import {hostPageColumns} from '../../../lib/panels/openidcs/host/host-columns.js'
import {readHost} from '../../../lib/panels/openidcs/host/hosts.js'
import {hostArguments} from '../../../lib/panels/openidcs/machine-arguments.js'
import {showCommand} from '../../../lib/shapes/show.js'

export default showCommand({
  summary: 'show one host',
  description:
    'What it prints with -o yaml is what host update takes with --file; passwords are masked there, and a mask is never written back: --show-secrets.',
  examples: [
    'openidcs host show node1',
    'openidcs host show node1 --status -o json | jq .status.cpu_usage',
    'openidcs host show node1 -o yaml --show-secrets > node1.yaml',
  ],
  args: hostArguments,
  flags: {status: flag.boolean({summary: 'measure its machine as well, which takes a second'})},
  fetch: ({api, args, flags}) => readHost(api, args.host, flags),
  columns: hostPageColumns,
  id: host => host.name,
})
