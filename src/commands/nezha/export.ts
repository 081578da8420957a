import {nezhaResources} from '../../lib/panels/nezha/resources/index.js'
import {exportCommand} from '../../lib/shapes/apply.js'

export default exportCommand({topic: 'nezha', resources: nezhaResources})
