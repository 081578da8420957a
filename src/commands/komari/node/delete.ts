import {nodes} from '../../../lib/panels/komari/resources/nodes.js'
import {resourceDelete} from '../../../lib/shapes/resource.js'

export default resourceDelete(nodes)
