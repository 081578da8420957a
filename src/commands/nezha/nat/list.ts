import {nats} from '../../../lib/panels/nezha/resources/nats.js'
import {resourceList} from '../../../lib/shapes/resource.js'

export default resourceList(nats)
