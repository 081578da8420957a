import {ddns} from '../../../lib/panels/nezha/resources/ddns.js'
import {resourceList} from '../../../lib/shapes/resource.js'

export default resourceList(ddns)
