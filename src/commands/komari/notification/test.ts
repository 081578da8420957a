import {notificationTest} from '../../../lib/panels/komari/administration.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand(notificationTest)
