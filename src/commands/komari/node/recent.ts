import {arg} from '../../../lib/flags/flags.js'
import {reportColumns} from '../../../lib/panels/komari/columns.js'
import {nodeNames} from '../../../lib/panels/komari/names.js'
import {komari} from '../../../lib/panels/komari/panel.js'
import {recentReports} from '../../../lib/panels/komari/reports.js'
import {listCommand} from '../../../lib/shapes/list.js'

export default listCommand({
  summary: 'list what a node reported in the last minute',
  examples: ['komari node recent web1', 'komari node recent web1 -o json | jq ".[-1].cpu.usage"'],
  args: {node: arg.text({summary: 'uuid, its beginning, or unique name', required: true, among: nodeNames})},
  noun: 'reports',
  fetch: ({client, args}) => recentReports(client(komari), args.node),
  columns: reportColumns,
})
