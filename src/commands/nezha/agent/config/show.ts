import {arg} from '../../../../lib/flags/flags.js'
import {serverNames} from '../../../../lib/panels/nezha/names.js'
import {agentConfig, readAgentConfig} from '../../../../lib/panels/nezha/resources/agent-config.js'
import {masked} from '../../../../lib/resource/resource.js'
import {showCommand} from '../../../../lib/shapes/show.js'

export default showCommand({
  summary: 'show what an agent is configured with (v1, v2)',
  description: 'The agent itself tells: one that is offline, or refuses commands, does not.',
  examples: ['nezha agent config show web1', 'nezha agent config show web1 -o json | jq .report_delay'],
  args: {
    server: arg.text({
      summary: 'id or unique name',
      required: true,
      among: serverNames,
    }),
  },
  async fetch({api, args, flags}) {
    const config = await readAgentConfig(api, args.server)
    // It comes as a text, so that nobody else has seen what of it is secret.
    return flags['show-secrets'] ? config : masked(agentConfig, config)
  },
})
