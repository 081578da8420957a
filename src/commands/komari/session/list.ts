import {sessions} from '../../../lib/panels/komari/resources/sessions.js'
import {resourceList} from '../../../lib/shapes/resource.js'

export default resourceList(sessions)
