import {toNotificationGroups} from '../../../lib/panels/nezha/resources/leading-there.js'
import {notificationGroups} from '../../../lib/panels/nezha/resources/notification-groups.js'
import {resourceDelete} from '../../../lib/shapes/resource-delete.js'

export default resourceDelete(notificationGroups, toNotificationGroups)
