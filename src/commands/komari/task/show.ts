import {tasks} from '../../../lib/panels/komari/resources/tasks.js'
import {resourceShow} from '../../../lib/shapes/resource.js'

export default resourceShow(tasks)
