import {notifications} from '../../../lib/panels/komari/resources/notifications.js'
import {resourceShow} from '../../../lib/shapes/resource.js'

export default resourceShow(notifications)
