import {nats} from '../../../lib/panels/nezha/resources/nats.js'
import {resourceShow} from '../../../lib/shapes/resource.js'

export default resourceShow(nats)
