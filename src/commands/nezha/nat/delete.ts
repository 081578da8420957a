import {nats} from '../../../lib/panels/nezha/resources/nats.js'
import {resourceDelete} from '../../../lib/shapes/resource-delete.js'

export default resourceDelete(nats)
