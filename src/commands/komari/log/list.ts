import {flag} from '../../../lib/flags/flags.js'
import {logColumns, readLog, typesInLog} from '../../../lib/panels/komari/administration.js'
import {listCommand} from '../../../lib/shapes/list.js'

export default listCommand({
  summary: "list what the panel's log says, the newest last",
  examples: ['komari log list', 'komari log list --tail 20 --type error'],
  flags: {
    tail: flag.integer({summary: 'how many entries', default: 100, min: 1, max: 10_000}),
    type: flag.text({
      summary: 'of this type alone, such as info, warn, error, login',
      placeholder: 'type',
      filled: true,
    }),
  },
  noun: 'entries',
  fetch: ({api, flags}) => readLog(api, flags),
  filter: {flag: 'type', values: ({api}) => typesInLog(api)},
  columns: logColumns,
  id: ({id}) => id,
})
