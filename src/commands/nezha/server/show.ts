import {arg} from '../../../lib/flags/flags.js'
import {serverPageColumns} from '../../../lib/panels/nezha/columns.js'
import {serverNames} from '../../../lib/panels/nezha/names.js'
import {oneServer} from '../../../lib/panels/nezha/servers.js'
import {showCommand} from '../../../lib/shapes/show.js'

export default showCommand({
  summary: 'show one server',
  examples: ['nezha server show 1', 'nezha server show web1 -o json | jq .status.CPU'],
  args: {server: arg.text({summary: 'id or unique name', required: true, among: serverNames})},
  fetch: run => oneServer(run, run.args.server),
  columns: serverPageColumns,
  id: server => server.id,
})
