import {openidcsAccess} from '../../lib/panels/openidcs/access.js'
import {logoutCommand} from '../../lib/shapes/logout.js'

export default logoutCommand(openidcsAccess, ['openidcs logout', 'openidcs logout --context lab'])
