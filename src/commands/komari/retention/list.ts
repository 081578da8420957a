import {retention} from '../../../lib/panels/komari/resources/retention.js'
import {resourceList} from '../../../lib/shapes/resource.js'

export default resourceList(retention)
