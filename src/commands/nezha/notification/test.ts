import {notificationTest} from '../../../lib/panels/nezha/resources/notification-tests.js'
import {resourceVerb} from '../../../lib/shapes/resource-verb.js'

export default resourceVerb(notificationTest)
