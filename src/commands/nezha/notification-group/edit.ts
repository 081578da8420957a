import {notificationGroups} from '../../../lib/panels/nezha/resources/notification-groups.js'
import {resourceEdit} from '../../../lib/shapes/resource.js'

export default resourceEdit(notificationGroups)
