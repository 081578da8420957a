import {loadNotifications} from '../../../lib/panels/komari/resources/load-notifications.js'
import {resourceList} from '../../../lib/shapes/resource.js'

export default resourceList(loadNotifications)
