import {ddns} from '../../../lib/panels/nezha/resources/ddns.js'
import {resourceDelete} from '../../../lib/shapes/resource.js'

export default resourceDelete(ddns)
