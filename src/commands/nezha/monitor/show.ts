import {arg, flag} from '../../../lib/flags/flags.js'
import {monitorColumns} from '../../../lib/panels/nezha/columns.js'
import {since} from '../../../lib/panels/nezha/delays.js'
import {showMonitors} from '../../../lib/panels/nezha/endpoints.js'
import {serverId} from '../../../lib/panels/nezha/servers.js'
import {listCommand} from '../../../lib/shapes/list.js'

/** What the panel keeps, in milliseconds (contracts/nezha.md 1.5). */
const kept = 24 * 3_600_000

export default listCommand({
  summary: 'show the ping delays of a server',
  description:
    'What the ICMP and TCP monitors measured in the last 24 hours; a delay of 0 is a lost probe. Works without credentials for servers that guests may see; SERVER is then an id.',
  examples: [
    'nezha monitor show 1',
    'nezha monitor show web1 --since 6h',
    'nezha monitor show 1 -o json | jq ".[].avg_delay[-1]"',
  ],
  args: {server: arg.text({summary: 'id or unique name', required: true})},
  flags: {since: flag.span({summary: 'only what was measured in this time (the panel keeps 24h)'})},
  noun: 'monitors',
  fetch: async ({api, args, flags, now, speech}) => {
    const monitors = (await api(showMonitors, {path: {id: await serverId(api, args.server)}})) ?? []
    if ((flags.since ?? 0) > kept)
      speech.note('the panel keeps 24 hours of these records: older ones are gone')
    return flags.since === undefined ? monitors : since(monitors, now().getTime() - flags.since)
  },
  columns: monitorColumns,
  id: monitor => monitor.monitor_id,
})
