import {arg} from '../../../lib/flags/flags.js'
import {changeMembers, groupColumns, groupTurn} from '../../../lib/panels/nezha/groups.js'
import {groupNames, severalServers} from '../../../lib/panels/nezha/names.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'put servers into a group (v1, v2)',
  examples: ['nezha group add Production web1', 'nezha group add 2 web1 db1'],
  args: {
    group: arg.text({summary: 'id or unique name', required: true, among: groupNames}),
    server: severalServers,
  },
  turn: () => groupTurn,
  perform: ({api, args, speech}) => changeMembers(api, args, 'add', speech.warn),
  columns: groupColumns,
  id: group => group.id ?? group.name,
  done: ({args}, {name}) => `put ${args.server.join(', ')} into ${name}`,
})
