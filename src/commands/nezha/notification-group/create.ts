import {notificationGroups} from '../../../lib/panels/nezha/resources/notification-groups.js'
import {resourceCreate} from '../../../lib/shapes/resource.js'

export default resourceCreate(notificationGroups)
