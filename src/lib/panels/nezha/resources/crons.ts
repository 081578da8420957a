import {choice, reference, references, text, time, toggle} from '../../../resource/kind.js'
import {type Fields, targetOf} from '../../../resource/resource.js'
import {notificationGroups} from './notification-groups.js'
import {restResource} from './rest-resource.js'
import {servers} from './servers.js'

/** Commands that the dashboard has its agents run (contracts/nezha.md 3.9). */
export const crons = restResource({
  word: 'cron',
  path: '/api/v1/cron',
  noun: 'task',
  many: 'tasks',
  key: 'name',
  example: 'backup --scheduler "0 0 3 * * *" --command backup.sh --server web1',
  told: ['last_result', 'cron_job_id'],
  fields: {
    name: {kind: text(), summary: 'its name', required: true},
    task_type: {
      kind: choice({timed: 0, triggered: 1}),
      summary: 'run by the clock, or by an alert',
      initial: 'timed',
    },
    scheduler: {kind: text(), summary: 'six fields, seconds first, or "@every 1h"'},
    command: {kind: text(), summary: 'what is run', required: true},
    servers: {kind: references(servers), summary: 'server that --cover is about; repeatable', flag: 'server'},
    // Of services the same numbers mean the opposite (trap 45).
    cover: {
      kind: choice({only: 0, 'all-but': 1, alerting: 2}),
      summary: 'which servers run it',
      initial: 'only',
    },
    push_successful: {kind: toggle(), summary: 'tell also when it went well', aside: true},
    notification_group_id: {
      kind: reference(targetOf(notificationGroups)),
      summary: 'whom it tells',
      flag: 'notification-group',
      aside: true,
    },
    last_executed_at: {kind: time(), summary: 'when it was sent last', told: true},
  },
  check({task_type, scheduler, cover}) {
    const written = String(scheduler).trim()
    if (task_type !== 'timed') return undefined
    if (cover === 'alerting') return 'cover: the server that alerts is of a triggered task alone'
    const count = written.split(/\s+/).length
    if (!written.startsWith('@') && count !== 6)
      return `scheduler: it has six fields, seconds first, and not ${written === '' ? 'none' : count}`
    return undefined
  },
})

/** Which tasks something runs, in what can fail and recover. */
export const taskTriggers = {
  fail_trigger_tasks: {
    kind: references(targetOf(crons)),
    summary: 'tasks to run when it fails; repeatable',
    aside: true,
  },
  recover_trigger_tasks: {
    kind: references(targetOf(crons)),
    summary: 'tasks to run when it recovers; repeatable',
    aside: true,
  },
} satisfies Fields
