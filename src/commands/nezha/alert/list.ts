import {alerts} from '../../../lib/panels/nezha/resources/alerts.js'
import {resourceList} from '../../../lib/shapes/resource.js'

export default resourceList(alerts)
