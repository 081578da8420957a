import {logoutCommand} from '../../lib/command/logout.js'
import {openidcsAccess} from '../../lib/panels/openidcs/access.js'

export default logoutCommand(openidcsAccess, ['openidcs logout', 'openidcs logout --context lab'])
