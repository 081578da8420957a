import {serverColumns} from '../../../lib/panels/nezha/columns.js'
import {tagFlag} from '../../../lib/panels/nezha/names.js'
import {nezha} from '../../../lib/panels/nezha/panel.js'
import {allServers, tagsOf, whyNone} from '../../../lib/panels/nezha/servers.js'
import {listCommand} from '../../../lib/shapes/list.js'

export default listCommand({
  summary: 'list the servers',
  description: 'LAST ACTIVE is never where nothing came since the dashboard was started.',
  examples: [
    'nezha server list',
    'nezha server list --tag Production',
    'nezha server list -o json | jq -r ".[].name"',
  ],
  flags: {tag: tagFlag},
  noun: 'servers',
  fetch: run => allServers(run, run.flags),
  none: ({client}) => whyNone(client(nezha)),
  filter: {flag: 'tag', values: tagsOf},
  columns: serverColumns,
  id: server => server.id,
})
