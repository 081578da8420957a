import {arg, flag} from '../../../lib/flags/flags.js'
import {pingColumns} from '../../../lib/panels/komari/columns.js'
import {pingCurves} from '../../../lib/panels/komari/curves.js'
import {pingHistory} from '../../../lib/panels/komari/history.js'
import {nodeNames, taskNames} from '../../../lib/panels/komari/names.js'
import {komari} from '../../../lib/panels/komari/panel.js'
import {listCommand} from '../../../lib/shapes/list.js'

export default listCommand({
  summary: 'show the ping history of a node or of a task',
  description:
    'The last 4 hours if nothing is said. A value of -1 is a lost probe. Since 1.2.7 each point is the last probe of a stretch of time, which grows from 10, 50 and 600 hours on; the figures of the table count every probe since 1.2.6, but for some before restarts of the panel from 10 hours on, and are statistics in the JSON.',
  examples: [
    'komari records ping web1',
    'komari records ping --task 1 --hours 24',
    'komari records ping web1 --since 90m -o json | jq "[.records[] | select(.value >= 0) | .value] | max"',
  ],
  args: {node: arg.text({summary: 'uuid, its beginning, or unique name', among: nodeNames})},
  flags: {
    task: flag.text({
      summary: 'only the task of this id or unique name',
      placeholder: 'task',
      filled: true,
      among: taskNames,
    }),
    hours: flag.integer({summary: 'how many hours back', min: 1, max: 2_562_047}),
    since: flag.span({summary: 'how far back'}),
  },
  noun: 'tasks',
  fetch: ({client, args, flags, now, speech: {note}}, isDrawn) =>
    pingHistory(client(komari), {...flags, reference: args.node, now, note, isDrawn}),
  columns: pingColumns,
  id: row => row.taskId,
  curves: pingCurves,
})
