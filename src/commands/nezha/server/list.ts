import {flag} from '../../../lib/flags/flags.js'
import {serverColumns} from '../../../lib/panels/nezha/columns.js'
import {groupNames} from '../../../lib/panels/nezha/names.js'
import {allServers, tagsOf} from '../../../lib/panels/nezha/servers.js'
import {listCommand} from '../../../lib/shapes/list.js'

export default listCommand({
  summary: 'list the servers',
  examples: [
    'nezha server list',
    'nezha server list --tag Production',
    'nezha server list -o json | jq -r ".[].name"',
  ],
  flags: {
    tag: flag.text({
      summary: 'only the servers of this group',
      placeholder: 'tag',
      filled: true,
      among: groupNames,
    }),
  },
  noun: 'servers',
  fetch: run => allServers(run, run.flags),
  filter: {flag: 'tag', values: tagsOf},
  columns: serverColumns,
  id: server => server.id,
})
