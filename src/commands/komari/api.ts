import {komari} from '../../lib/panels/komari/panel.js'
import {apiCommand} from '../../lib/shapes/api.js'

export default apiCommand(komari, [
  'komari api GET /api/nodes',
  'komari api POST /api/admin/client/add -f name=web1 --dry-run',
  'komari api GET /api/admin/settings/ -o json | jq .sitename',
])
