import {hostColumns} from '../../../lib/panels/openidcs/host/host-columns.js'
import {readHosts} from '../../../lib/panels/openidcs/host/hosts.js'
import {listCommand} from '../../../lib/shapes/list.js'

export default listCommand({
  summary: 'list the hosts',
  examples: ['openidcs host list', 'openidcs host list -o json | jq -r ".[].name"'],
  noun: 'hosts',
  fetch: ({api}) => readHosts(api),
  columns: hostColumns,
  id: host => host.name,
})
