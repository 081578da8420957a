import {nezhaAccess} from '../../lib/panels/nezha/access.js'
import {logoutCommand} from '../../lib/shapes/logout.js'

export default logoutCommand(nezhaAccess, ['nezha logout', 'nezha logout --context lab'])
