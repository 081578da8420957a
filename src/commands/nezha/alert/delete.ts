import {alerts} from '../../../lib/panels/nezha/resources/alerts.js'
import {resourceDelete} from '../../../lib/shapes/resource-delete.js'

export default resourceDelete(alerts)
