import {crons} from '../../../lib/panels/nezha/resources/crons.js'
import {resourceList} from '../../../lib/shapes/resource.js'

export default resourceList(crons)
