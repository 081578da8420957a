import {openidcs} from '../../lib/panels/openidcs/panel.js'
import {apiCommand} from '../../lib/shapes/api.js'

export default apiCommand(openidcs, [
  'openidcs api GET /api/client/detail/node1',
  'openidcs api POST /api/client/powers/node1/web01 -f action=start --dry-run',
  'openidcs api GET /api/system/statis --raw',
])
