import {notificationGroups} from '../../../lib/panels/nezha/resources/notification-groups.js'
import {notifications} from '../../../lib/panels/nezha/resources/notifications.js'
import {resourceDelete} from '../../../lib/shapes/resource-delete.js'

export default resourceDelete(notifications, [notificationGroups])
