import {users} from '../../../lib/panels/nezha/resources/users.js'
import {resourceDelete} from '../../../lib/shapes/resource.js'

export default resourceDelete(users)
