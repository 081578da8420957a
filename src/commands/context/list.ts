import {listContexts} from '../../lib/config/contexts/config-file.js'
import {contextColumns} from '../../lib/shapes/contexts.js'
import {listCommand} from '../../lib/shapes/list.js'

export default listCommand({
  summary: 'list the saved connections',
  local: true,
  examples: ['context list', 'context list -o json | jq -r ".[] | select(.current).url"'],
  noun: 'contexts',
  fetch: ({configDir}) => listContexts(configDir()),
  columns: contextColumns,
  id: context => context.name,
})
