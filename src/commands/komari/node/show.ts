import {arg} from '../../../lib/flags/flags.js'
import {nodePageColumns} from '../../../lib/panels/komari/columns.js'
import {nodeNames} from '../../../lib/panels/komari/names.js'
import {findNode, readNodes} from '../../../lib/panels/komari/nodes.js'
import {komari} from '../../../lib/panels/komari/panel.js'
import {showCommand} from '../../../lib/shapes/show.js'

export default showCommand({
  summary: 'show one node',
  examples: ['komari node show web1', 'komari node show 4addbaf1 -o json | jq .mem_total'],
  args: {node: arg.text({summary: 'uuid, its beginning, or unique name', required: true, among: nodeNames})},
  fetch: async ({client, args, speech}) => findNode(await readNodes(client(komari), speech.note), args.node),
  columns: nodePageColumns,
  id: node => node.uuid,
})
