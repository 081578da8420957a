import {services} from '../../../lib/panels/nezha/resources/services.js'
import {resourceList} from '../../../lib/shapes/resource.js'

export default resourceList(services)
