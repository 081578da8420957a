import {tasks} from '../../../lib/panels/komari/resources/tasks.js'
import {resourceList} from '../../../lib/shapes/resource.js'

export default resourceList(tasks)
