import {crons} from '../../../lib/panels/nezha/resources/crons.js'
import {resourceEdit} from '../../../lib/shapes/resource.js'

export default resourceEdit(crons)
