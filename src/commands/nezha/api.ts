import {nezha} from '../../lib/panels/nezha/panel.js'
import {apiCommand} from '../../lib/shapes/api.js'

export default apiCommand(nezha, [
  'nezha api GET /api/v1/server/list -f tag=Production',
  'nezha api POST /api/v1/server/register -f Name=web1 --dry-run',
  'nezha api GET /api/v1/server/list --raw',
])
