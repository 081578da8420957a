import {arg} from '../../../lib/flags/flags.js'
import {nodeWithToken} from '../../../lib/panels/komari/administration.js'
import {komari} from '../../../lib/panels/komari/panel.js'
import {showCommand} from '../../../lib/shapes/show.js'

export default showCommand({
  summary: "print what a node's agent logs in with",
  description:
    'Another one is set with "komari node edit NODE --token-file FILE"; the agent has to be given it too, as by the line of "komari node install-command NODE".',
  examples: ['komari node token web1'],
  args: {
    node: arg.text({
      summary: 'name or uuid',
      required: true,
      among: 'komari node list --columns name,uuid',
    }),
  },
  fetch: async ({client, args}) => {
    const {token} = await nodeWithToken(client(komari), args.node)
    return {token}
  },
  value: ({token}) => token,
  reveals: true,
})
