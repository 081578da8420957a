import {crons} from '../../../lib/panels/nezha/resources/crons.js'
import {resourceCreate} from '../../../lib/shapes/resource.js'

export default resourceCreate(crons)
