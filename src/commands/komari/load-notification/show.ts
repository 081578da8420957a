import {loadNotifications} from '../../../lib/panels/komari/resources/load-notifications.js'
import {resourceShow} from '../../../lib/shapes/resource.js'

export default resourceShow(loadNotifications)
