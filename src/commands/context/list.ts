import {contextColumns} from '../../lib/command/context-columns.js'
import {listCommand} from '../../lib/command/list.js'
import {listContexts} from '../../lib/config/saved.js'

export default listCommand({
  summary: 'list the saved connections',
  examples: ['context list', 'context list -o json | jq -r ".[] | select(.current).url"'],
  noun: 'contexts',
  fetch: ({configDir}) => listContexts(configDir()),
  columns: contextColumns,
  id: context => context.name,
})
