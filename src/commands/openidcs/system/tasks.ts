import {flag} from '../../../lib/flags/flags.js'
import {hostNames} from '../../../lib/panels/openidcs/machine-arguments.js'
import {openidcs} from '../../../lib/panels/openidcs/panel.js'
import {readTasks} from '../../../lib/panels/openidcs/system/system.js'
import {taskColumns} from '../../../lib/panels/openidcs/system/system-columns.js'
import {listCommand} from '../../../lib/shapes/list.js'

export default listCommand({
  summary: 'show the tasks of a host',
  description:
    'No version that is known writes any down, so that there are none in practice. The version of 8 December 2025 cannot tell them.',
  examples: ['openidcs system tasks --host node1', 'openidcs system tasks --host node1 --limit 5 -o json'],
  flags: {
    host: flag.text({
      summary: 'name of the host',
      placeholder: 'name',
      filled: true,
      among: hostNames,
      required: true,
    }),
    limit: flag.integer({summary: 'the first so many (default: 100, of the panel)', min: 1}),
  },
  noun: 'tasks',
  fetch: ({client, flags}) => readTasks(client(openidcs), flags.host, flags.limit),
  columns: taskColumns,
})
