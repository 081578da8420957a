import {cronRun} from '../../../lib/panels/nezha/resources/cron-runs.js'
import {resourceVerb} from '../../../lib/shapes/resource-verb.js'

export default resourceVerb(cronRun)
