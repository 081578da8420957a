import {eachServer} from '../../../../lib/panels/nezha/names.js'
import {
  agentConfig,
  configureAgent,
  configWaiting,
} from '../../../../lib/panels/nezha/resources/agent-config.js'
import {allServers} from '../../../../lib/panels/nezha/servers.js'
import {actionCommand} from '../../../../lib/shapes/action.js'
import {givenValues, resourceFlags} from '../../../../lib/shapes/resource-flags.js'

const {file: _, ...flags} = resourceFlags(agentConfig, () => true)

export default actionCommand({
  summary: 'change what agents are configured with (v1, v2)',
  description:
    'What is not given stays as it is. An agent starts anew with it after ten seconds, unless it refuses commands: --wait looks until it tells the new values itself. Address, TLS, UUID and secret are not set from here, as a wrong one cuts the machine off for good.',
  examples: [
    'nezha agent config set web1 --report-delay 2 --wait',
    'nezha agent config set web1 db1 --no-gpu',
  ],
  args: {server: eachServer},
  flags,
  things: allServers,
  perform: async run => configureAgent(run.api, run.args.server, await givenValues(agentConfig, run)),
  wait: async run => configWaiting(run.api, run.args.server, await givenValues(agentConfig, run)),
  columns: {id: ({id}) => id, name: ({name}) => name},
  id: ({id}) => id,
  done: ({flags: {wait}}, {name}) =>
    wait ? `the agent of ${name} tells the new values` : `sent to the agent of ${name}`,
})
