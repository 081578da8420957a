import type {Resource} from '../../../resource/resource.js'
import {loadNotifications} from './load-notifications.js'
import {nodes} from './nodes.js'
import {notifications} from './notifications.js'
import {retention} from './retention.js'
import {settings} from './settings.js'
import {tasks} from './tasks.js'

/** What the panel keeps, each after what its fields lead to. */
export const komariResources: readonly Resource[] = [
  nodes,
  tasks,
  notifications,
  loadNotifications,
  retention,
  // Those that lock out come last.
  settings,
]
