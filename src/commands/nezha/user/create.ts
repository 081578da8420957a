import {users} from '../../../lib/panels/nezha/resources/users.js'
import {resourceCreate} from '../../../lib/shapes/resource.js'

export default resourceCreate(users)
