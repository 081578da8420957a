import {flag} from '../../../lib/flags/flags.js'
import {hostStatusColumns} from '../../../lib/panels/openidcs/host/host-columns.js'
import {readHostStatus} from '../../../lib/panels/openidcs/host/hosts.js'
import {hostArguments} from '../../../lib/panels/openidcs/machine-arguments.js'
import {showCommand} from '../../../lib/shapes/show.js'

export default showCommand({
  summary: 'show what the machine of a host is doing',
  description:
    'The last figures that the panel has, or new ones where it has none; --refresh measures in any case, which takes a second. In the JSON memory, disk and traffic are in MB.',
  examples: [
    'openidcs host status node1',
    'openidcs host status node1 --refresh -o json | jq .status.mem_usage',
  ],
  args: hostArguments,
  flags: {refresh: flag.boolean({summary: 'measure now'})},
  fetch: ({api, args, flags}) => readHostStatus(api, args.host, flags.refresh),
  columns: hostStatusColumns,
})
