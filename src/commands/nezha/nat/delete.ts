import {nats} from '../../../lib/panels/nezha/resources/nats.js'
import {resourceDelete} from '../../../lib/shapes/resource.js'

export default resourceDelete(nats)
