import {sessions} from '../../../lib/panels/komari/resources/sessions.js'
import {resourceDelete} from '../../../lib/shapes/resource-delete.js'

export default resourceDelete(sessions)
