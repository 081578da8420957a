import {services} from '../../../lib/panels/nezha/resources/services.js'
import {resourceCreate} from '../../../lib/shapes/resource.js'

export default resourceCreate(services)
