import {arg, flag} from '../../../lib/flags/flags.js'
import {monitorColumns} from '../../../lib/panels/nezha/columns.js'
import {readMonitors} from '../../../lib/panels/nezha/delays.js'
import {serverNames} from '../../../lib/panels/nezha/names.js'
import {listCommand} from '../../../lib/shapes/list.js'

export default listCommand({
  summary: 'show the ping delays of a server',
  description:
    'What the monitors measured in the last 24 hours, of v0 and v1 those of ICMP and TCP alone; each delay is a mean of some probes, a lost one 0 ms, and 0 where all were lost. Works without credentials for servers that guests may see; SERVER is then an id.',
  examples: [
    'nezha monitor show 1',
    'nezha monitor show web1 --since 6h',
    'nezha monitor show 1 -o json | jq ".[].avg_delay[-1]"',
  ],
  args: {server: arg.text({summary: 'id or unique name', required: true, among: serverNames})},
  flags: {since: flag.span({summary: 'how far back (v0 and v1 keep 24h, v2 30d)'})},
  noun: 'monitors with measurements',
  fetch: run => readMonitors({...run, note: run.speech.note}, run.args.server, run.flags.since),
  columns: monitorColumns,
  id: monitor => monitor.monitor_id,
})
