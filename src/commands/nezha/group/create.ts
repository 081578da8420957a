import {arg, flag} from '../../../lib/flags/flags.js'
import {addGroup, groupColumns, groupTurn} from '../../../lib/panels/nezha/groups.js'
import {serverNames} from '../../../lib/panels/nezha/names.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'make a group of servers (v1, v2)',
  examples: ['nezha group create Production', 'nezha group create Edge --server web1 --server 3'],
  args: {name: arg.text({summary: 'name of the group', required: true})},
  flags: {
    server: flag.text({
      summary: 'id or unique name of a server to put into it; repeatable',
      placeholder: 'server',
      multiple: true,
      among: serverNames,
      filled: true,
    }),
  },
  creates: true,
  turn: () => groupTurn,
  perform: ({api, args: {name}, flags: {server: servers, 'if-exists': where}, speech}) =>
    addGroup(api, {name, servers, mayExist: where === 'skip'}, speech.warn),
  columns: groupColumns,
  id: group => group.id ?? group.name,
  done: (_run, {name}) => `made the group ${name}`,
})
