import {crons} from '../../../lib/panels/nezha/resources/crons.js'
import {resourceDelete} from '../../../lib/shapes/resource-delete.js'

export default resourceDelete(crons)
