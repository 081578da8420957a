import {nezhaResources} from '../../lib/panels/nezha/resources/index.js'
import {exportCommand} from '../../lib/shapes/export.js'

export default exportCommand({topic: 'nezha', resources: nezhaResources})
