import {notificationGroups} from '../../../lib/panels/nezha/resources/notification-groups.js'
import {resourceList} from '../../../lib/shapes/resource.js'

export default resourceList(notificationGroups)
