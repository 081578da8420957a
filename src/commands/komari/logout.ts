import {komariAccess} from '../../lib/panels/komari/access.js'
import {logoutCommand} from '../../lib/shapes/logout.js'

export default logoutCommand(komariAccess, ['komari logout', 'komari logout --context lab'])
