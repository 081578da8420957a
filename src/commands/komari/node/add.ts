import {nodes} from '../../../lib/panels/komari/resources/nodes.js'
import {resourceCreate} from '../../../lib/shapes/resource.js'

export default resourceCreate(nodes, 'add')
