import {loadNotifications} from '../../../lib/panels/komari/resources/load-notifications.js'
import {resourceEdit} from '../../../lib/shapes/resource.js'

export default resourceEdit(loadNotifications)
