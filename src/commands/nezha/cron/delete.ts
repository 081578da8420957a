import {crons} from '../../../lib/panels/nezha/resources/crons.js'
import {toCrons} from '../../../lib/panels/nezha/resources/leading-there.js'
import {resourceDelete} from '../../../lib/shapes/resource-delete.js'

export default resourceDelete(crons, toCrons)
