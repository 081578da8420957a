import {nezhaResources} from '../../lib/panels/nezha/resources/index.js'
import {schemaCommand} from '../../lib/shapes/export.js'

export default schemaCommand({topic: 'nezha', resources: nezhaResources})
