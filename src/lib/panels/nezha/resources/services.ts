import {isHostPort} from '../../../resource/host-port.js'
import {choice, number, reference, references, text, toggle} from '../../../resource/kind.js'
import {targetOf} from '../../../resource/resource.js'
import {showOverview} from '../v1/endpoints.js'
import {taskTriggers} from './crons.js'
import {notificationGroups} from './notification-groups.js'
import {restResource} from './rest-resource.js'
import {servers} from './servers.js'

/** What agents probe (contracts/nezha.md 3.9). */
export const services = restResource({
  word: 'service',
  path: '/api/v1/service',
  list: '/api/v1/service/list',
  noun: 'service',
  many: 'services',
  key: 'name',
  example: 'web --type http --target https://example.com',
  loss: 'its history',
  fields: {
    name: {kind: text(), summary: 'its name', required: true},
    type: {kind: choice({http: 1, icmp: 2, tcp: 3}), summary: 'how it is probed', required: true},
    target: {kind: text({normal: given => given.trim()}), summary: 'URL, host, or host:port', required: true},
    duration: {kind: number({min: 1}), summary: 'seconds from one probe to the next', initial: 30},
    // Of crons the same numbers mean the opposite (trap 45).
    cover: {kind: choice({'all-but': 0, only: 1}), summary: 'what --skip-servers names'},
    skip_servers: {
      kind: references(servers, {as: 'marks'}),
      summary: 'servers that do not probe it, or alone do; repeatable',
      aside: true,
    },
    notify: {kind: toggle(), summary: 'tell when it fails'},
    notification_group_id: {
      kind: reference(targetOf(notificationGroups)),
      summary: 'whom it tells',
      flag: 'notification-group',
      aside: true,
    },
    latency_notify: {kind: toggle(), summary: 'tell when it is slow', aside: true},
    min_latency: {kind: number({fraction: true}), summary: 'milliseconds that are too few', aside: true},
    max_latency: {kind: number({fraction: true}), summary: 'milliseconds that are too many', aside: true},
    enable_trigger_task: {kind: toggle(), summary: 'run tasks when it fails or recovers', aside: true},
    ...taskTriggers,
    display_index: {
      kind: number({min: -2147483648}),
      summary: 'the greater, the further up (v2)',
      since: '2.0.0',
      // Also where it is 0 (contracts/nezha.md 3.9).
      alwaysTold: true,
      aside: true,
    },
    hide_for_guest: {kind: toggle(), summary: 'hide it from guests (v2)', since: '2.0.0', aside: true},
    enable_show_in_service: {kind: toggle(), summary: 'show it to guests (v1)', until: '2.0.0', aside: true},
  },
  check({type, target}) {
    const written = String(target).trim()
    if (type === 'http' && !/^https?:\/\/[^/]/.test(written))
      return 'target: a service of type http has a URL'
    if (type === 'tcp' && !isHostPort(written)) return 'target: a service of type tcp has HOST:PORT'
    if (type === 'icmp' && /[/\s]/.test(written)) return 'target: a service of type icmp has a host'
    return undefined
  },
  async elsewhere(api) {
    const {services = {}} = (await api(showOverview, {})) ?? {}
    return Object.entries(services ?? {}).map(([id, {service_name: name = ''}]) => ({id: Number(id), name}))
  },
  idle: ({notify, latency_notify, notification_group_id: group}) =>
    (notify || latency_notify) && !group ? 'tells nobody, as it has no notification group' : undefined,
})
