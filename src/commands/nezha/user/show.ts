import {users} from '../../../lib/panels/nezha/resources/users.js'
import {resourceShow} from '../../../lib/shapes/resource.js'

export default resourceShow(users)
