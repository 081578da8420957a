import {logoutCommand} from '../../lib/command/logout.js'
import {komariAccess} from '../../lib/panels/komari/access.js'

export default logoutCommand(komariAccess, ['komari logout', 'komari logout --context lab'])
