import {services} from '../../../lib/panels/nezha/resources/services.js'
import {resourceEdit} from '../../../lib/shapes/resource.js'

export default resourceEdit(services)
