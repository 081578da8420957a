import {arg} from '../../../lib/flags/flags.js'
import {detailColumns} from '../../../lib/panels/nezha/columns.js'
import {serverIds, tagFlag} from '../../../lib/panels/nezha/names.js'
import {detailsOfServers, tagsOf} from '../../../lib/panels/nezha/servers.js'
import {listCommand} from '../../../lib/shapes/list.js'

export default listCommand({
  summary: 'list servers with what their agents report',
  description:
    'All servers, those with the given ids, or those of a group. In the JSON, display_index and hide_for_guest are only filled in by the panel when all servers are asked for. LAST ACTIVE is never where nothing came since the dashboard was started.',
  examples: [
    'nezha server details',
    'nezha server details 1 2 -o json',
    'nezha server details --tag Production --sort cpu:desc',
  ],
  args: {
    id: arg.id({
      summary: 'ids of servers',
      multiple: true,
      among: serverIds,
      hint: 'several: panelctl nezha server details 1 2; by name: panelctl nezha server show NAME',
    }),
  },
  flags: {tag: tagFlag},
  noun: 'servers',
  fetch: run => detailsOfServers(run, {ids: run.args.id, tag: run.flags.tag}),
  filter: {flag: 'tag', values: tagsOf},
  columns: detailColumns,
  id: server => server.id,
})
