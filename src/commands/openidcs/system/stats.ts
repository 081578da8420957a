import {showStats} from '../../../lib/panels/openidcs/endpoints.js'
import {statsColumns} from '../../../lib/panels/openidcs/system/system-columns.js'
import {showCommand} from '../../../lib/shapes/show.js'

export default showCommand({
  summary: 'count the hosts and virtual machines',
  description:
    'In the JSON running_vm_count is 0 whatever runs: the panel does not count that. panelctl openidcs vm list shows the state of each.',
  examples: ['openidcs system stats', 'openidcs system stats -o json | jq .vm_count'],
  fetch: ({api}) => api(showStats, {}),
  columns: statsColumns,
})
