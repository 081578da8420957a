import {komariResources} from '../../lib/panels/komari/resources/index.js'
import {exportCommand} from '../../lib/shapes/apply.js'

export default exportCommand({topic: 'komari', resources: komariResources})
