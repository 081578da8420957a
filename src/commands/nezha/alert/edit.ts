import {alerts} from '../../../lib/panels/nezha/resources/alerts.js'
import {resourceEdit} from '../../../lib/shapes/resource.js'

export default resourceEdit(alerts)
