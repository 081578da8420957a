import {users} from '../../../lib/panels/nezha/resources/users.js'
import {resourceDelete} from '../../../lib/shapes/resource-delete.js'

export default resourceDelete(users)
