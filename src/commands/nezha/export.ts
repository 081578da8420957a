import {nezhaResources} from '../../lib/panels/nezha/resources/index.js'
import {users} from '../../lib/panels/nezha/resources/users.js'
import {exportCommand} from '../../lib/shapes/export.js'

export default exportCommand({topic: 'nezha', resources: nezhaResources, toldToAll: users})
