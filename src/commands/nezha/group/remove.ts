import {arg} from '../../../lib/flags/flags.js'
import {changeMembers, groupColumns, groupTurn} from '../../../lib/panels/nezha/groups.js'
import {groupNames, severalServers} from '../../../lib/panels/nezha/names.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'take servers out of a group (v1, v2)',
  examples: ['nezha group remove Production web1', 'nezha group remove 2 web1 db1'],
  args: {
    group: arg.text({summary: 'id or unique name', required: true, among: groupNames}),
    server: severalServers,
  },
  turn: () => groupTurn,
  perform: ({api, args, speech}) => changeMembers(api, args, 'remove', speech.warn),
  columns: groupColumns,
  id: group => group.id ?? group.name,
  done: ({args}, {name}) => `the group ${name} has none of ${args.server.join(', ')} now`,
})
