import {tasks} from '../../../lib/panels/komari/resources/tasks.js'
import {resourceEdit} from '../../../lib/shapes/resource.js'

export default resourceEdit(tasks)
