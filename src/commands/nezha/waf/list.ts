import {blockColumns, blockList} from '../../../lib/panels/nezha/blocks.js'
import {listCommand} from '../../../lib/shapes/list.js'

export default listCommand({
  summary: 'list the addresses that the firewall shuts out (v1, v2)',
  description:
    'For 3, 16, 81, 256, … seconds from the last wrong login or token on, and listed after that, too. For administrators.',
  examples: ['nezha waf list', 'nezha waf list --sort count:desc'],
  noun: 'addresses',
  fetch: ({api}) => blockList(api),
  columns: blockColumns,
  id: ({block}) => block.ip,
})
