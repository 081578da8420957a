import {arg} from '../../../lib/flags/flags.js'
import {orderNodes} from '../../../lib/panels/komari/administration.js'
import {komari} from '../../../lib/panels/komari/panel.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'put nodes into an order',
  description: 'The first one gets the weight 0, the next one 1, and so on; the others keep theirs.',
  examples: ['komari node order web1 db1 web2'],
  args: {
    node: arg.text({
      summary: 'names or uuids, in their order',
      required: true,
      multiple: true,
      among: 'komari node list --columns name,uuid',
    }),
  },
  perform: async ({client, args}) => orderNodes(client(komari), args.node),
  done: () => 'put them into that order',
})
