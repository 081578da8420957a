import {ddns} from '../../../lib/panels/nezha/resources/ddns.js'
import {resourceDelete} from '../../../lib/shapes/resource-delete.js'

export default resourceDelete(ddns)
