import {notifications} from '../../../lib/panels/komari/resources/notifications.js'
import {resourceEdit} from '../../../lib/shapes/resource.js'

export default resourceEdit(notifications)
