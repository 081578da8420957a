import {alerts} from '../../../lib/panels/nezha/resources/alerts.js'
import {resourceCreate} from '../../../lib/shapes/resource.js'

export default resourceCreate(alerts)
