import {ddns} from '../../../lib/panels/nezha/resources/ddns.js'
import {resourceCreate} from '../../../lib/shapes/resource.js'

export default resourceCreate(ddns)
