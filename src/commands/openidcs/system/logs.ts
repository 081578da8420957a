import {flag} from '../../../lib/flags/flags.js'
import {hostNames} from '../../../lib/panels/openidcs/machine-arguments.js'
import {openidcs} from '../../../lib/panels/openidcs/panel.js'
import {readLogs} from '../../../lib/panels/openidcs/system/system.js'
import {logColumns} from '../../../lib/panels/openidcs/system/system-columns.js'
import {listCommand} from '../../../lib/shapes/list.js'

export default listCommand({
  summary: 'show the log of the panel, the oldest first',
  description:
    'The oldest 100 if nothing is said, as the panel does. Tables and csv say the zone of times; in the JSON they stand as the panel writes them: UTC, without a zone. The version of 8 December 2025 cannot tell its log.',
  examples: [
    'openidcs system logs --tail 20',
    'openidcs system logs --host node1 --tail 20',
    'openidcs system logs --tail 1000 -o json | jq \'.[] | select(.level == "ERROR")\'',
  ],
  flags: {
    host: flag.text({summary: 'only of this host', placeholder: 'name', filled: true, among: hostNames}),
    limit: flag.integer({summary: 'the oldest so many', min: 1, max: 2_147_483_647}),
    tail: flag.integer({summary: 'the newest so many', min: 1, max: 2_147_483_647}),
  },
  noun: 'log entries',
  fetch: ({client, flags, speech}) => readLogs(client(openidcs), flags, speech.note),
  columns: logColumns,
})
