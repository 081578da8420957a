import {alerts} from '../../../lib/panels/nezha/resources/alerts.js'
import {resourceShow} from '../../../lib/shapes/resource.js'

export default resourceShow(alerts)
