import {isObject} from '../../json-object.js'
import type {Routes} from '../../router.js'
import {bodyOf, type Call, callerOf, idIn, idsOf, isFor, Refused, some, timeAt, zeroTime} from './call.js'
import type {Features} from './features.js'
import {type Route, user} from './gates.js'
import type {DashboardState, Row} from './state.js'

type Fields = Readonly<Record<string, unknown>>

/** What has a form and a list, and nothing more to it (contracts/nezha.md 3.9). */
interface Resource {
  /** What the panel calls it where there is none. */
  readonly noun: string
  /** In the order of the list: what a field is when it is left out; one with a question mark is not shown then. */
  readonly fields: Fields
  /** Why the panel does not take a form. */
  readonly refuses?: (form: Fields, state: DashboardState) => string | false | undefined
  /** Fields that the list does not tell. */
  readonly hidden?: readonly string[]
}

const idsLeftOut = {fail_trigger_tasks: null, recover_trigger_tasks: null}

function hasNone(state: DashboardState, resource: string, ids: unknown): boolean {
  return Array.isArray(ids) && ids.some(id => !state.rowsOf(resource).has(Number(id)))
}

/** What v1 keeps, v2 refuses: a notification group that there is not. */
function groupProblem(form: Fields, state: DashboardState): string | false {
  const group = numberIn(form, 'notification_group_id')
  const isGone = state.features.periods && group > 0 && !state.rowsOf('notification-group').has(group)
  return isGone && `notification group id ${group} does not exist`
}

/** A number that a form has. */
function numberIn(form: Fields, name: string): number {
  return Number(form[name] ?? 0)
}

const notifications = {name: '', notifications: null}

function resourcesOf({periods, nestedSettings}: Features): Readonly<Record<string, Resource>> {
  return {
    service: {
      noun: 'service',
      fields: {
        name: '',
        type: 0,
        target: '',
        duration: 30,
        ...(periods && {display_index: 0}),
        'notify?': false,
        notification_group_id: 0,
        cover: 0,
        'enable_trigger_task?': false,
        [periods ? 'hide_for_guest?' : 'enable_show_in_service?']: false,
        ...idsLeftOut,
        min_latency: 0,
        max_latency: 0,
        'latency_notify?': false,
        skip_servers: null,
      },
      refuses: (form, state) =>
        (![1, 2, 3].includes(Number(form.type)) &&
          `invalid service monitor type ${form.type}: allowed types are 1 (HTTP GET), 2 (ICMP ping), and 3 (TCP ping)`) ||
        (numberIn(form, 'cover') > 1 && 'permission denied') ||
        (periods &&
          Object.keys(form.skip_servers ?? {}).some(id => !state.server(Number(id))) &&
          'permission denied') ||
        groupProblem(form, state),
    },
    notification: {
      noun: 'notification',
      fields: {
        name: '',
        url: '',
        request_method: 0,
        request_type: 0,
        request_header: '',
        request_body: '',
        verify_tls: false,
        ...(nestedSettings && {format_metric_units: false}),
      },
      // Without skip_check a message is sent at once; nothing here may be reached (3.9).
      refuses: ({skip_check, request_method}) =>
        skip_check !== true && (request_method ? 'HTTP URL target is not allowed' : '不支持的请求类型'),
      ...(periods && {hidden: ['url', 'request_header', 'request_body']}),
    },
    'notification-group': {
      noun: 'group',
      fields: notifications,
      refuses: ({notifications: ids}, state) =>
        hasNone(state, 'notification', ids) && 'have invalid notification id',
    },
    'alert-rule': {
      noun: 'alert',
      fields: {
        name: '',
        enable: false,
        trigger_mode: 0,
        notification_group_id: 0,
        rules: null,
        ...idsLeftOut,
      },
      refuses: (form, state) =>
        (some(form.rules)
          ? ruleProblem(form.rules, state.now())
          : 'need to configure at least a single rule') ?? groupProblem(form, state),
    },
    cron: {
      noun: 'task',
      fields: {
        name: '',
        task_type: 0,
        scheduler: '',
        command: '',
        servers: null,
        'push_successful?': false,
        notification_group_id: 0,
        last_executed_at: zeroTime,
        cover: 0,
        'cron_job_id?': 0,
      },
      refuses: (form, state) => {
        const {task_type: type, scheduler, cover} = form
        const words = String(scheduler).split(' ')
        const isWrong = !type && !String(scheduler).startsWith('@') && words.length !== 6
        if (isWrong) return `expected exactly 6 fields, found ${words.length}: [${words.join(' ')}]`
        const isLost = !type && Number(cover) === 2
        return isLost ? 'scheduled tasks cannot be triggered by alarms' : groupProblem(form, state)
      },
    },
    nat: {
      noun: 'profile',
      fields: {...(nestedSettings && {enabled: false}), name: '', server_id: 0, host: '', domain: ''},
      refuses: ({server_id, domain, id}, state) =>
        (periods && !state.server(Number(server_id)) && 'have invalid server id') ||
        ([...state.rowsOf('nat').values()].some(nat => nat.domain === domain && nat.id !== id) &&
          'database error'),
    },
    ddns: {
      noun: 'profile',
      fields: {
        enable_ipv4: false,
        enable_ipv6: false,
        max_retries: 0,
        name: '',
        provider: '',
        'access_id?': '',
        'access_secret?': '',
        'webhook_url?': '',
        'webhook_method?': 0,
        'webhook_request_type?': 0,
        'webhook_request_body?': '',
        'webhook_headers?': '',
        domains: null,
      },
      refuses: form =>
        (numberIn(form, 'max_retries') < 1 || numberIn(form, 'max_retries') > 10) &&
        'the retry count must be an integer between 1 and 10',
      ...(periods && {hidden: ['access_secret', 'webhook_headers']}),
    },
  }
}

function ruleProblem(rules: unknown, now: number): string | undefined {
  for (const rule of Array.isArray(rules) ? rules.filter(isObject) : []) {
    const {type, duration, cycle_start: start, cover} = rule
    const isCycle = String(type).endsWith('_cycle')
    if (!isCycle && Number(duration ?? 0) < 3) return 'duration need to be at least 3'
    if (isCycle && !start) return 'cycle_start is not set'
    if (isCycle && Date.parse(String(start)) > now) return 'cycle_start is a future value'
    if (Number(cover ?? 0) > 1) return 'permission denied'
  }
  return undefined
}

/** A row as the list shows it. Groups stand beside what they hold, as those of servers (3.3). */
function shown(row: Row, name: string, {fields, hidden = []}: Resource): unknown {
  const {id, created_at, updated_at} = row
  const entries = Object.keys(fields).map(field => {
    const bare = field.replace('?', '')
    const value = hidden.includes(bare) ? '' : row[bare]
    return [bare, field.endsWith('?') ? some(value) : value] as const
  })
  const {notifications: held, ...rest} = Object.fromEntries(entries)
  const item = {id, created_at, updated_at, ...rest}
  return name === 'notification-group' ? {group: item, notifications: held} : item
}

/** The fields of a form with the others as they are when left out; secrets that v2 blanks keep their value. */
function rowFrom(form: Fields, before: Fields, {fields, hidden = []}: Resource): Fields {
  const entries = Object.entries(fields).map(([field, empty]) => {
    const bare = field.replace('?', '')
    const kept = hidden.includes(bare) ? (some(form[bare]) ?? before[bare]) : form[bare]
    return [bare, kept ?? empty] as const
  })
  return Object.fromEntries(entries)
}

function write(call: Call, name: string, resource: Resource): number {
  const {state, path} = call
  const form = bodyOf(call, 'object')
  const rows = state.rowsOf(name)
  const known = path.id === undefined ? undefined : rows.get(idIn(call))
  if (path.id !== undefined && !known) throw new Refused(`${resource.noun} id ${path.id} does not exist`)
  const row = rowFrom(form, known ?? {}, resource)
  const problem = resource.refuses?.({...form, ...row, id: known?.id}, state)
  if (typeof problem === 'string') throw new Refused(problem)
  const id = known?.id ?? state.nextId(rows)
  const now = timeAt(state.now())
  rows.set(id, {
    ...(derived[name]?.(row, id, state) ?? row),
    id,
    user_id: known ? known.user_id : callerOf(call).id,
    created_at: known?.created_at ?? now,
    updated_at: now,
  })
  return id
}

/** What the panel makes of the fields of a row, and what follows from it. */
const derived: Readonly<Record<string, (row: Fields, id: number, state: DashboardState) => Fields>> = {
  'alert-rule': row => ({...row, rules: Array.isArray(row.rules) ? row.rules.map(ruleShown) : row.rules}),
  cron: (row, id) => ({...row, cron_job_id: row.task_type ? 0 : id + 12}),
  ddns: row => ({...row, domains: Array.isArray(row.domains) ? row.domains.map(ascii) : row.domains}),
  service: (row, id, state) => {
    const {name, type, cover, skip_servers: skipped} = row
    const listed = isObject(skipped) ? skipped : {}
    state.monitors.set(id, {
      delayMs: 20,
      loss: 0,
      ...state.monitors.get(id),
      id,
      name: String(name),
      type: type === 1 ? 'http' : type === 2 ? 'icmp' : 'tcp',
      // cover 0 = all but these, 1 = these alone (trap 45).
      skipServers: {has: server => (listed[server] === true) === (cover === 0)},
    })
    return {...row, target: String(row.target).trim()}
  },
}

/** A rule in the order of the list, without what is nothing. */
function ruleShown(rule: Fields): Fields {
  const {type, min, max, cycle_start, cycle_interval, cycle_unit, duration, cover = 0, ignore} = rule
  const given = {min, max, cycle_start, cycle_interval, cycle_unit, duration}
  const kept = Object.entries(given).map(([name, value]) => [name, some(value)])
  const isEmpty = !isObject(ignore) || Object.keys(ignore).length === 0
  return {type, ...Object.fromEntries(kept), cover, ignore: isEmpty ? undefined : ignore}
}

function ascii(domain: unknown): unknown {
  return new URL(`http://${domain}`).hostname
}

/** The servers that a row leads to: a token for others is not told of it. */
function serversOf({servers, server_id: server}: Row): readonly number[] {
  return [...(Array.isArray(servers) ? servers.map(Number) : []), ...(server ? [Number(server)] : [])]
}

/** Groups lose what is deleted; what else leads to it keeps its id. */
function leaveGroups(state: DashboardState, id: number): void {
  const groups = state.rowsOf('notification-group')
  for (const [key, group] of groups) {
    const held = Array.isArray(group.notifications) ? group.notifications : []
    groups.set(key, {...group, notifications: held.filter(one => Number(one) !== id)})
  }
}

/** The routes of all of them. */
export function resourceRoutes(features: Features): Routes<Route> {
  const routes: Array<[string, Route]> = []
  for (const [name, resource] of Object.entries(resourcesOf(features))) {
    const scope = (verb: string) => user(`${name.replace('alert-rule', 'alertrule')}:${verb}`)
    const path = `/api/v1/${name}`
    const list = (call: Call) => {
      const {state} = call
      const {id: callerId, role} = callerOf(call)
      // Members are told of their own; before v2 of all groups.
      const isOpen = role === 0 || (name === 'notification-group' && !features.periods)
      const items = [...state.rowsOf(name).values()]
        .filter(row => isOpen || row.user_id === callerId)
        .filter(row => serversOf(row).every(id => isFor(call.caller, {id})))
        .map(row => shown(row, name, resource))
      const byIndex = (one: unknown) => -numberIn(one as Fields, 'display_index')
      return name === 'service' ? items.sort((one, other) => byIndex(one) - byIndex(other)) : items
    }
    routes.push(
      [`GET ${path}${name === 'service' ? '/list' : ''}`, scope('read')(list)],
      [`POST ${path}`, scope('write')(call => write(call, name, resource))],
      // Only an alert rule's answer has its id again (3.0).
      [
        `PATCH ${path}/:id`,
        scope('write')(call => {
          const id = write(call, name, resource)
          return name === 'alert-rule' ? id : undefined
        }),
      ],
      [
        `POST /api/v1/batch-delete/${name}`,
        scope('delete')(call => {
          for (const id of idsOf(call)) {
            call.state.rowsOf(name).delete(id)
            if (name === 'notification') leaveGroups(call.state, id)
            if (name === 'service') call.state.monitors.delete(id)
          }
        }),
      ],
    )
  }
  return Object.fromEntries(routes)
}

/** What of a seed's monitors the panel has as services. */
export function seedServices(state: DashboardState): void {
  const fields = resourcesOf(state.features).service?.fields ?? {}
  for (const {id, name, type, skipServers} of state.monitors.values()) {
    const skipped = [...state.servers.keys()].filter(server => skipServers.has(server))
    const known = {
      name,
      type: {http: 1, icmp: 2, tcp: 3}[type],
      target: type === 'http' ? 'http://192.0.2.1/' : type === 'icmp' ? '192.0.2.1' : '192.0.2.1:80',
      skip_servers: Object.fromEntries(skipped.map(server => [server, true])),
      enable_show_in_service: true,
    }
    const now = timeAt(state.now())
    const row = rowFrom(known, {}, {noun: 'service', fields})
    state.rowsOf('service').set(id, {...row, id, created_at: now, updated_at: now})
  }
}
