import {notifications} from '../../../lib/panels/nezha/resources/notifications.js'
import {resourceList} from '../../../lib/shapes/resource.js'

export default resourceList(notifications)
