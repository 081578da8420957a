import {references, text} from '../../../resource/kind.js'
import {targetOf} from '../../../resource/resource.js'
import {notifications} from './notifications.js'
import {restResource} from './rest-resource.js'

/** Who is told together (contracts/nezha.md 3.9). */
export const notificationGroups = restResource({
  word: 'notification-group',
  path: '/api/v1/notification-group',
  noun: 'notification group',
  many: 'notification groups',
  key: 'name',
  example: 'oncall --notification ops',
  // What leads to it keeps its id.
  loss: 'what services, crons and alerts tell through it, until they have another group',
  fields: {
    name: {kind: text(), summary: 'its name', required: true},
    notifications: {
      kind: references(targetOf(notifications)),
      summary: 'who is told; repeatable',
      flag: 'notification',
    },
  },
  unfold: ({group, notifications}) => ({...(group as object), notifications}),
})
