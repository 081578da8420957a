import {loadNotifications} from '../../../lib/panels/komari/resources/load-notifications.js'
import {resourceDelete} from '../../../lib/shapes/resource-delete.js'

export default resourceDelete(loadNotifications)
