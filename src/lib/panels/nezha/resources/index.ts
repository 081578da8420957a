import type {Resource} from '../../../resource/resource.js'
import {alerts} from './alerts.js'
import {crons} from './crons.js'
import {ddns} from './ddns.js'
import {nats} from './nats.js'
import {notificationGroups} from './notification-groups.js'
import {notifications} from './notifications.js'
import {serverGroups} from './server-groups.js'
import {services} from './services.js'
import {settings} from './settings.js'
import {users} from './users.js'

/** What v1 and v2 keep, each after what its fields lead to. */
export const nezhaResources: readonly Resource[] = [
  notifications,
  notificationGroups,
  crons,
  services,
  alerts,
  nats,
  ddns,
  users,
  serverGroups,
  // Those that lock out come last.
  settings,
]
