import {arg} from '../../../lib/flags/flags.js'
import {groupsWithIds, groupTurn, removeGroup} from '../../../lib/panels/nezha/groups.js'
import {groupNames} from '../../../lib/panels/nezha/names.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'delete groups, and none of their servers (v1, v2)',
  examples: ['nezha group delete Edge', 'nezha group delete Edge 4 --yes'],
  args: {group: arg.text({summary: 'ids or unique names', required: true, each: true, among: groupNames})},
  confirm: ({args: {group}}) => `Delete the group ${group}?`,
  removes: true,
  things: groupsWithIds,
  turn: () => groupTurn,
  perform: ({api, args, speech}) => removeGroup(api, args.group, speech.warn),
  done: (_run, {name}) => `deleted the group ${name}`,
})
