import {services} from '../../../lib/panels/nezha/resources/services.js'
import {resourceShow} from '../../../lib/shapes/resource.js'

export default resourceShow(services)
