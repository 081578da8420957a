import {komariResources} from '../../lib/panels/komari/resources/index.js'
import {schemaCommand} from '../../lib/shapes/export.js'

export default schemaCommand({topic: 'komari', resources: komariResources})
