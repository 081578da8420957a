import {eachServer} from '../../../lib/panels/nezha/names.js'
import {updateAgent} from '../../../lib/panels/nezha/resources/agent-config.js'
import {allServers} from '../../../lib/panels/nezha/servers.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'have agents take the newest version (v1, v2)',
  description: 'Each is told to, and that is all that a success means: one may refuse, or have the newest.',
  examples: ['nezha agent update web1', 'nezha agent update web1 db1 -o json'],
  args: {server: eachServer},
  things: allServers,
  perform: ({api, args}) => updateAgent(api, args.server),
  columns: {id: ({id}) => id, name: ({name}) => name},
  id: ({id}) => id,
  done: (_run, {name}) => `told the agent of ${name} to update`,
})
