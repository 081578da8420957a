import {settings} from '../../../lib/panels/komari/resources/settings.js'
import {settingsSet} from '../../../lib/shapes/settings.js'

export default settingsSet(settings)
