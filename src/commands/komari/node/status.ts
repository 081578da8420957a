import {arg} from '../../../lib/flags/flags.js'
import {statusColumns} from '../../../lib/panels/komari/columns.js'
import {nodeNames} from '../../../lib/panels/komari/names.js'
import {komari} from '../../../lib/panels/komari/panel.js'
import {followStatus, nodeStatus} from '../../../lib/panels/komari/status.js'
import {streamCommand} from '../../../lib/shapes/stream.js'

export default streamCommand({
  summary: 'show what the nodes report now',
  description:
    'Over a WebSocket, and RPC2 where a proxy passes none on. A node is unknown until it reports after a start of the panel. An offline one keeps its last report in the JSON.',
  examples: [
    'komari node status',
    'komari node status web1 db1 --follow --interval 5s',
    'komari node status --follow -o ndjson | head -3',
  ],
  args: {
    node: arg.text({
      summary: 'uuids, their beginnings, or unique names; all if none is given',
      multiple: true,
      among: nodeNames,
    }),
  },
  noun: 'nodes',
  fetch: ({client, args, speech}) => nodeStatus(client(komari), args.node, speech.note),
  follow: ({client, args, speech, now}, options) =>
    followStatus(client(komari), args.node, {...options, note: speech.note, now}),
  columns: statusColumns,
  id: node => node.uuid,
})
