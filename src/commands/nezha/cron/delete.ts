import {alerts} from '../../../lib/panels/nezha/resources/alerts.js'
import {crons} from '../../../lib/panels/nezha/resources/crons.js'
import {services} from '../../../lib/panels/nezha/resources/services.js'
import {resourceDelete} from '../../../lib/shapes/resource-delete.js'

export default resourceDelete(crons, [services, alerts])
