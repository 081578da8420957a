import {ddns} from '../../../lib/panels/nezha/resources/ddns.js'
import {resourceShow} from '../../../lib/shapes/resource.js'

export default resourceShow(ddns)
