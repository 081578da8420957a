import {users} from '../../../lib/panels/nezha/resources/users.js'
import {resourceList} from '../../../lib/shapes/resource.js'

export default resourceList(users)
