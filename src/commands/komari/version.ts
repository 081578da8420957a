import {versionColumns} from '../../lib/panels/komari/columns.js'
import {showVersion} from '../../lib/panels/komari/endpoints.js'
import {showCommand} from '../../lib/shapes/show.js'

export default showCommand({
  summary: 'show the version of the panel',
  description: 'It is a tag, a branch or a hash, not always a number.',
  examples: ['komari version', 'komari version -o json | jq -r .version'],
  fetch: ({api}) => api(showVersion, {}),
  columns: versionColumns,
})
