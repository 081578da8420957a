import {removeServer} from '../../../lib/panels/nezha/changes.js'
import {eachServer} from '../../../lib/panels/nezha/names.js'
import {allServers} from '../../../lib/panels/nezha/servers.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'delete servers (v1, v2)',
  description:
    'Each is looked for in the list of the panel first. While its agent runs a server comes back, under a new id and name: end the agent before.',
  examples: ['nezha server delete web1', 'nezha server delete 3 4 --yes'],
  args: {server: eachServer},
  confirm: ({args: {server}}) => ({question: `Delete the server ${server}?`, word: server}),
  removes: true,
  things: allServers,
  perform: run => removeServer(run, run.args.server, run.speech.warn),
  done: (_run, {id, name}) => `deleted server ${id} (${name})`,
})
