import {ddns} from '../../../lib/panels/nezha/resources/ddns.js'
import {resourceEdit} from '../../../lib/shapes/resource.js'

export default resourceEdit(ddns)
