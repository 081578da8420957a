import {settings} from '../../../lib/panels/komari/resources/settings.js'
import {settingsShow} from '../../../lib/shapes/settings.js'

export default settingsShow(settings)
