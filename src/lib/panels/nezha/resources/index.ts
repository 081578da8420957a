import type {Resource} from '../../../resource/resource.js'
import {crons} from './crons.js'
import {notificationGroups} from './notification-groups.js'
import {notifications} from './notifications.js'
import {services} from './services.js'

/** What v1 and v2 keep, each after what its fields lead to. */
export const nezhaResources: readonly Resource[] = [notifications, notificationGroups, crons, services]
