import {arg, flag} from '../../../lib/flags/flags.js'
import {loadColumns, loadTypeNames, loadTypes} from '../../../lib/panels/komari/columns.js'
import {loadCurves} from '../../../lib/panels/komari/curves.js'
import {loadHistory} from '../../../lib/panels/komari/history.js'
import {nodeNames} from '../../../lib/panels/komari/names.js'
import {komari} from '../../../lib/panels/komari/panel.js'
import {listCommand} from '../../../lib/shapes/list.js'

export default listCommand({
  summary: 'show the load history of a node',
  description:
    'The last 4 hours if nothing is said. From 10, 50 and 600 hours on the panel gives coarser points; what it keeps, komari site says. In the JSON memory, swap and disk are bytes, in the order of the panel; the table is oldest first, in percent of what the node has.',
  examples: [
    'komari records load web1',
    'komari records load web1 --since 90m --type cpu --chart',
    'komari records load web1 --hours 24 -o json | jq ".records | length"',
  ],
  args: {node: arg.text({summary: 'uuid, its beginning, or unique name', required: true, among: nodeNames})},
  flags: {
    hours: flag.integer({summary: 'how many hours back', min: 1, max: 2_562_047}),
    since: flag.span({summary: 'how far back'}),
    type: flag.choice(loadTypeNames, {summary: 'only these values'}),
  },
  noun: 'records',
  fetch: ({client, args, flags, now, speech: {note}}) =>
    loadHistory(client(komari), args.node, {...flags, now, note}),
  columns: loadColumns,
  filled: ({flags}) => flags.type && loadTypes[flags.type],
  curves: (rows, {flags}) => loadCurves(rows, flags.type),
})
