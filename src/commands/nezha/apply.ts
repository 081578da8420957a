import {nezhaResources} from '../../lib/panels/nezha/resources/index.js'
import {applyCommand} from '../../lib/shapes/apply.js'

export default applyCommand({topic: 'nezha', resources: nezhaResources})
