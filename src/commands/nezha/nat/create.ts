import {nats} from '../../../lib/panels/nezha/resources/nats.js'
import {resourceCreate} from '../../../lib/shapes/resource.js'

export default resourceCreate(nats)
