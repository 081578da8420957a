import {loadNotifications} from '../../../lib/panels/komari/resources/load-notifications.js'
import {resourceCreate} from '../../../lib/shapes/resource.js'

export default resourceCreate(loadNotifications)
