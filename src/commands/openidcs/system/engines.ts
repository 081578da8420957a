import {readEngines} from '../../../lib/panels/openidcs/system/system.js'
import {engineColumns} from '../../../lib/panels/openidcs/system/system-columns.js'
import {listCommand} from '../../../lib/shapes/list.js'

export default listCommand({
  summary: 'list the types of hosts',
  description:
    'Versions of December 2025 list all and run those that are enabled; newer ones list what fits the machine that the panel runs on, and may take others all the same.',
  examples: [
    'openidcs system engines',
    "openidcs system engines -o json | jq -r '.[] | select(.enabled) | .name'",
  ],
  noun: 'types of hosts',
  fetch: ({api}) => readEngines(api),
  columns: engineColumns,
  id: engine => engine.name,
})
