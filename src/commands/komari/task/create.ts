import {tasks} from '../../../lib/panels/komari/resources/tasks.js'
import {resourceCreate} from '../../../lib/shapes/resource.js'

export default resourceCreate(tasks)
