import {services} from '../../../lib/panels/nezha/resources/services.js'
import {resourceDelete} from '../../../lib/shapes/resource-delete.js'

export default resourceDelete(services)
