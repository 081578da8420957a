import {serviceHistory} from '../../../lib/panels/nezha/service-history.js'
import {listCommand} from '../../../lib/shapes/list.js'

export default listCommand(serviceHistory)
