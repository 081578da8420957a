import {siteColumns} from '../../lib/panels/komari/columns.js'
import {showSite} from '../../lib/panels/komari/endpoints.js'
import {showCommand} from '../../lib/shapes/show.js'

export default showCommand({
  summary: 'show the public settings of the panel',
  description:
    'Since 1.2.7 load and pings have the time of the metric that is kept longest: "komari retention list" shows that of each.',
  examples: ['komari site', 'komari site -o json | jq .record_preserve_time'],
  fetch: ({api}) => api(showSite, {}),
  columns: siteColumns,
})
