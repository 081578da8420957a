import {arg} from '../../../lib/flags/flags.js'
import {statusColumns} from '../../../lib/panels/nezha/columns.js'
import {serverNames} from '../../../lib/panels/nezha/names.js'
import {nezha} from '../../../lib/panels/nezha/panel.js'
import {followServers, serverStatus} from '../../../lib/panels/nezha/status.js'
import {streamCommand} from '../../../lib/shapes/stream.js'

export default streamCommand({
  summary: 'show what the servers report now',
  description:
    'Of v1 and v2 over a WebSocket, also without credentials where the dashboard has guests; of v0 by asking again. A server is online that reported in the last 30 seconds. LAST ACTIVE is never where nothing came since the dashboard was started.',
  examples: [
    'nezha server status',
    'nezha server status web1 db1 --follow --interval 5s',
    'nezha server status --follow -o ndjson | head -3',
  ],
  args: {
    server: arg.text({
      summary: 'ids or unique names; all if none is given',
      multiple: true,
      among: serverNames,
    }),
  },
  noun: 'servers',
  fetch: ({client, args, now, speech: {note}}) =>
    serverStatus(args.server, {client: client(nezha), now, note}),
  follow: ({client, args, now, speech: {note}}, options) =>
    followServers(args.server, {...options, client: client(nezha), now, note}),
  columns: statusColumns,
  id: server => server.id,
})
