import {nodes} from '../../../lib/panels/komari/resources/nodes.js'
import {resourceEdit} from '../../../lib/shapes/resource.js'

export default resourceEdit(nodes)
