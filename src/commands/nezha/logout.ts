import {logoutCommand} from '../../lib/command/logout.js'
import {nezhaAccess} from '../../lib/panels/nezha/access.js'

export default logoutCommand(nezhaAccess, ['nezha logout', 'nezha logout --context lab'])
