import {nodes} from '../../../lib/panels/komari/resources/nodes.js'
import {resourceDelete} from '../../../lib/shapes/resource-delete.js'

export default resourceDelete(nodes)
