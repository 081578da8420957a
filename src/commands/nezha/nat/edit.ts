import {nats} from '../../../lib/panels/nezha/resources/nats.js'
import {resourceEdit} from '../../../lib/shapes/resource.js'

export default resourceEdit(nats)
