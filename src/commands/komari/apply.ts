import {komariResources} from '../../lib/panels/komari/resources/index.js'
import {applyCommand} from '../../lib/shapes/apply.js'

export default applyCommand({topic: 'komari', resources: komariResources})
