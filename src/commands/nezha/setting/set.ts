import {settings} from '../../../lib/panels/nezha/resources/settings.js'
import {settingsSet} from '../../../lib/shapes/settings.js'

export default settingsSet(settings)
