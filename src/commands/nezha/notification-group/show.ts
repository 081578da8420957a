import {notificationGroups} from '../../../lib/panels/nezha/resources/notification-groups.js'
import {resourceShow} from '../../../lib/shapes/resource.js'

export default resourceShow(notificationGroups)
