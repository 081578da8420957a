import {items} from '../../../resource/json-kind.js'
import {choice, number, reference, references, text, time, toggle} from '../../../resource/kind.js'
import {targetOf} from '../../../resource/resource.js'
import {taskTriggers} from './crons.js'
import {notificationGroups} from './notification-groups.js'
import {restResource} from './rest-resource.js'
import {servers} from './servers.js'

/** What a rule may measure (contracts/nezha.md 3.9). The panel keeps any word, and then never alerts (trap 46). */
const measured =
  'cpu memory swap disk gpu_max temperature_max net_in_speed net_out_speed net_all_speed transfer_in transfer_out transfer_all transfer_in_cycle transfer_out_cycle transfer_all_cycle load1 load5 load15 tcp_conn_count udp_conn_count process_count offline'

function words(written: string): Record<string, string> {
  return Object.fromEntries(written.split(' ').map(word => [word, word]))
}

const rule = {
  type: choice(words(measured)),
  min: number({min: -Number.MAX_SAFE_INTEGER, fraction: true}),
  max: number({min: -Number.MAX_SAFE_INTEGER, fraction: true}),
  duration: number(),
  // As of services, and unlike crons (trap 45).
  cover: choice({'all-but': 0, only: 1}),
  ignore: references(servers, {as: 'marks'}),
  cycle_start: time(),
  cycle_interval: number(),
  cycle_unit: choice(words('hour day week month year')),
}

/** When the dashboard tells somebody, or runs something (contracts/nezha.md 3.9). */
export const alerts = restResource({
  word: 'alert',
  path: '/api/v1/alert-rule',
  noun: 'alert',
  many: 'alerts',
  key: 'name',
  example: `busy --rule '{"type": "cpu", "max": 90, "duration": 300}' --notification-group oncall`,
  remark:
    'All rules of one alert have to fail together; a rule fails when more than 70 % of the samples of its duration (seconds) are below min or above max.',
  fields: {
    name: {kind: text(), summary: 'its name', required: true},
    enable: {kind: toggle(), summary: 'look at it', initial: true},
    rules: {kind: items(rule), summary: 'rule, as JSON; repeatable', flag: 'rule', required: true},
    trigger_mode: {kind: choice({always: 0, once: 1}), summary: 'tell as long as it lasts, or once'},
    notification_group_id: {
      kind: reference(targetOf(notificationGroups)),
      summary: 'whom it tells, empty for nobody',
      flag: 'notification-group',
    },
    ...taskTriggers,
  },
  check({rules}) {
    const all = Array.isArray(rules) ? rules : []
    if (all.length === 0) return 'rules: an alert has one at least'
    const problems = all.map((one, index) => `rules[${index + 1}]${problemIn(one) ?? ''}`)
    return problems.find(problem => !problem.endsWith(']'))
  },
})

/** What the panel refuses of a rule. */
function problemIn(one: Readonly<Record<string, unknown>>): string | undefined {
  const {type, duration, cycle_start, cycle_interval, cycle_unit} = one
  if (!type) return '.type is missing'
  if (!String(type).endsWith('_cycle'))
    return Number(duration ?? 0) < 3 ? '.duration is less than 3 seconds' : undefined
  return cycle_start && cycle_interval && cycle_unit
    ? undefined
    : ' needs cycle_start, cycle_interval and cycle_unit'
}
