import {retention} from '../../../lib/panels/komari/resources/retention.js'
import {resourceEdit} from '../../../lib/shapes/resource.js'

export default resourceEdit(retention)
