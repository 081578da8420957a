import {komariResources} from '../../lib/panels/komari/resources/index.js'
import {exportCommand} from '../../lib/shapes/export.js'

export default exportCommand({topic: 'komari', resources: komariResources})
