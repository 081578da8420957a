import {sessions} from '../../../lib/panels/komari/resources/sessions.js'
import {resourceDelete} from '../../../lib/shapes/resource.js'

export default resourceDelete(sessions)
