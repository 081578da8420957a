import {notifications} from '../../../lib/panels/nezha/resources/notifications.js'
import {resourceCreate} from '../../../lib/shapes/resource.js'

export default resourceCreate(notifications)
