import {tasks} from '../../../lib/panels/komari/resources/tasks.js'
import {resourceDelete} from '../../../lib/shapes/resource-delete.js'

export default resourceDelete(tasks)
