import {crons} from '../../../lib/panels/nezha/resources/crons.js'
import {resourceShow} from '../../../lib/shapes/resource.js'

export default resourceShow(crons)
