import {nezhaResources} from '../../lib/panels/nezha/resources/index.js'
import {schemaCommand} from '../../lib/shapes/apply.js'

export default schemaCommand({topic: 'nezha', resources: nezhaResources})
