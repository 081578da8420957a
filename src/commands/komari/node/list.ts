import {flag} from '../../../lib/flags/flags.js'
import {nodeColumns} from '../../../lib/panels/komari/columns.js'
import {groupNames} from '../../../lib/panels/komari/names.js'
import {readNodes} from '../../../lib/panels/komari/nodes.js'
import {komari} from '../../../lib/panels/komari/panel.js'
import {listCommand} from '../../../lib/shapes/list.js'

export default listCommand({
  summary: 'list the nodes',
  description:
    'In the order of the panel: by weight, the smallest first. Guests do not see hidden nodes, remarks, addresses and versions of agents.',
  examples: [
    'komari node list',
    'komari node list --group Production',
    'komari node list -o json | jq -r ".[] | select(.hidden|not) | .name"',
  ],
  flags: {
    group: flag.text({
      summary: 'only the nodes of this group',
      placeholder: 'group',
      filled: true,
      among: groupNames,
    }),
  },
  noun: 'nodes',
  fetch: async ({client, flags: {group}, speech}) => {
    const nodes = await readNodes(client(komari), speech.note)
    return group === undefined ? nodes : nodes.filter(node => node.group === group)
  },
  filter: {
    flag: 'group',
    values: async ({client}) => (await readNodes(client(komari), () => {})).map(({group}) => group),
  },
  columns: nodeColumns,
  id: node => node.uuid,
})
