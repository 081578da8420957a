import {alerts} from './alerts.js'
import {crons} from './crons.js'
import {services} from './services.js'

/** What may lead to a task. */
export const toCrons = [services, alerts]

/** What may lead to a notification group. */
export const toNotificationGroups = [crons, services, alerts]
