import {whoAmI} from '../../lib/panels/komari/account.js'
import {meColumns} from '../../lib/panels/komari/columns.js'
import {komari} from '../../lib/panels/komari/panel.js'
import {showCommand} from '../../lib/shapes/show.js'

export default showCommand({
  summary: 'show who the panel takes you for',
  examples: ['komari me', 'komari me -o json | jq -r .username'],
  fetch: ({client, speech}) => whoAmI(client(komari), speech.warn),
  columns: meColumns,
  id: account => account.username,
})
