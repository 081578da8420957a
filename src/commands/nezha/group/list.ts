import {groupColumns, groups} from '../../../lib/panels/nezha/groups.js'
import {listCommand} from '../../../lib/shapes/list.js'

export default listCommand({
  summary: 'list the groups of servers',
  description: 'Of v0 the tags that servers have, which have no id.',
  examples: ['nezha group list', 'nezha group list -o json | jq -r ".[].name"'],
  noun: 'groups',
  fetch: run => groups(run),
  columns: groupColumns,
  id: group => group.id ?? group.name,
})
