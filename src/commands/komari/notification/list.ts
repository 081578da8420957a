import {notifications} from '../../../lib/panels/komari/resources/notifications.js'
import {resourceList} from '../../../lib/shapes/resource.js'

export default resourceList(notifications)
