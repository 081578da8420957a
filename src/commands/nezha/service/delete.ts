import {services} from '../../../lib/panels/nezha/resources/services.js'
import {resourceDelete} from '../../../lib/shapes/resource.js'

export default resourceDelete(services)
