import type {Fields} from '../../json-object.js'
import {neverActive, type Observation, observe} from '../agent.js'
import type {NezhaServer} from '../fleet.js'
import {
  bodyOf,
  type Call,
  callerOf,
  Instead,
  idIn,
  idsOf,
  isFor,
  owns,
  Refused,
  some,
  timeAt,
} from './call.js'
import {type DashboardState, isConnected} from './state.js'

// The key order of the panel's structs is part of the contract, and so is what is left out (contracts/nezha.md 3.3).

/** The panel's newer name of a field that v0 has: `MemTotal` is `mem_total`, `Load1` is `load_1`. */
function newName(name: string): string {
  return name.replaceAll(/([a-z])(?=[A-Z\d])/g, '$1_').toLowerCase()
}

/** Figures by their newer names, without those that are zero. */
function figures(values: object): Fields {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [newName(name), some(value)]))
}

/** What the dashboard knows of a server now. */
export function seen(server: NezhaServer, state: DashboardState): Observation & {readonly active: string} {
  const at = state.seenAt()
  const observation = observe(server.agent, at)
  const isForgotten = state.features.forgets && server.agent.kind === 'machine' && !isConnected(server, at)
  const lastActive = isForgotten ? neverActive : observation.lastActive
  return {...observation, status: observation.status, lastActive, active: timeAt(lastActive * 1000)}
}

/** `host`: whoever does not own a server is not told the versions (3.5). */
export function hostDetails({host}: Observation, isFull = true): Fields {
  const {CountryCode: _country, ...machine} = host
  return figures(isFull ? machine : {...machine, PlatformVersion: '', Version: ''})
}

export function statusOf({status}: Observation): Fields {
  return figures({...status, GPU: status.GPU ? [status.GPU] : []})
}

export function geoOf({host, ipv4, ipv6}: Observation): Fields {
  return {ip: {ipv4_addr: some(ipv4), ipv6_addr: some(ipv6)}, country_code: some(host.CountryCode)}
}

function item(server: NezhaServer, state: DashboardState): Fields {
  const observation = seen(server, state)
  const owner = state.users.get(server.ownerId)
  return {
    id: server.id,
    created_at: timeAt(server.createdAt),
    updated_at: timeAt(server.updatedAt),
    name: server.name,
    uuid: some(server.uuid),
    note: some(server.note),
    public_note: some(server.publicNote),
    display_index: server.displayIndex,
    hide_for_guest: some(server.hidden),
    ...server.ddns,
    host: hostDetails(observation),
    state: statusOf(observation),
    geoip: geoOf(observation),
    last_active: observation.active,
    owner: state.features.periods ? {id: server.ownerId, username: owner?.username} : undefined,
  }
}

/** GET /server. Ids that match nothing give everything; the order is the list's (3.2). */
export function listServers({caller, target, state}: Call): unknown {
  const own = state.listed().filter(server => owns(caller, server))
  const wanted = state.features.filtersById ? (target.query.get('id') ?? '').split(',') : []
  const chosen = own.filter(({id}) => wanted.includes(String(id)))
  return (chosen.length > 0 ? chosen : own).map(server => item(server, state))
}

/** A server that the caller may change. */
function ownServer(id: number, {caller, state}: Call): NezhaServer {
  const server = state.server(id)
  if (!server) throw new Refused(`server id ${id} does not exist`)
  if (!owns(caller, server)) throw new Refused('permission denied')
  return server
}

/** PATCH /server/{id}: what is left out becomes nothing (trap 42). */
export function editServer(call: Call): void {
  const id = idIn(call)
  const form = bodyOf(call, 'object')
  ownServer(id, call)
  const wrong = ['name', 'note', 'public_note'].find(name => typeof (form[name] ?? '') !== 'string')
  if (wrong !== undefined) {
    const field = wrong.replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())
    const type = `Go struct field ServerForm.${field} of type string`
    throw new Refused(`json: cannot unmarshal ${typeof form[wrong]} into ${type}`)
  }
  const {name = '', note = '', public_note = '', display_index = 0, hide_for_guest = false} = form
  const {enable_ddns, ddns_profiles, override_ddns_domains} = form
  call.state.update(id, {
    name: String(name),
    note: String(note),
    publicNote: String(public_note),
    displayIndex: Number(display_index),
    hidden: hide_for_guest === true,
    ddns: {
      enable_ddns: some(enable_ddns),
      ddns_profiles: some(ddns_profiles),
      override_ddns_domains: some(Object.keys(override_ddns_domains ?? {})) && override_ddns_domains,
    },
    updatedAt: call.state.now(),
  })
}

/** POST /batch-delete/server. Below v2.1.0 an id that is not there is the end of the dashboard (trap 40). */
export function deleteServers(call: Call): void {
  const {caller, state} = call
  const ids = idsOf(call)
  const known = ids.flatMap(id => state.server(id) ?? [])
  if (known.some(server => !owns(caller, server))) throw new Refused('permission denied')
  for (const {id} of known) state.remove(id)
  if (known.length === ids.length || state.features.tokens) return
  if (state.features.deadlocks) state.deadlock()
  throw new Instead({status: 500})
}

/** GET /server-group. Guests do not see empty ones, nor a token for some servers those without one of them; `null` where nobody is in it (3.3). */
export function listGroups({caller, state}: Call): unknown {
  const user = caller.kind === 'guest' ? undefined : caller.user
  const isLimited = caller.kind === 'pat' && caller.pat.serverIds?.length
  const groups = [...state.groups.values()]
    .map(group => ({...group, members: group.members.filter(id => isFor(caller, {id}))}))
    // Members are told of their own; before v2 of all.
    .filter(({userId}) => !user || user.role === 0 || !state.features.periods || userId === user.id)
    .filter(({members}) => members.length > 0 || (user && !isLimited))
  return groups.map(({id, name, createdAt, updatedAt, members}) => ({
    group: {id, created_at: timeAt(createdAt), updated_at: timeAt(updatedAt), name},
    servers: some(members) ?? null,
  }))
}

function groupForm(call: Call): {name: string; members: number[]} {
  const {name = '', servers} = bodyOf(call, 'object')
  const members = Array.isArray(servers) ? servers.map(Number) : []
  if (members.some(id => !call.state.server(id))) throw new Refused('have invalid server id')
  return {name: String(name), members}
}

export function addGroup(call: Call): number {
  const {name, members} = groupForm(call)
  return call.state.addGroup(name, members, callerOf(call).id).id
}

export function editGroup(call: Call): void {
  const id = idIn(call)
  const form = groupForm(call)
  const {groups, now} = call.state
  const known = groups.get(id)
  if (!known) throw new Refused(`group id ${id} does not exist`)
  groups.set(id, {...known, ...form, updatedAt: now()})
}

export function deleteGroups(call: Call): void {
  for (const id of idsOf(call)) call.state.groups.delete(id)
}

/** What is unknown, foreign or not connected counts as offline (3.2). */
function byReach(call: Call, ids: readonly number[], unknown: 'offline' | 'unsaid') {
  const {caller, state} = call
  const servers = ids.map(id => ({id, server: state.server(id)}))
  const reached = ({server}: (typeof servers)[number]) =>
    server !== undefined && owns(caller, server) && isReachable(server, state)
  const success = servers.filter(reached)
  const offline = servers.filter(one => !reached(one) && (one.server !== undefined || unknown === 'offline'))
  const idsOfThem = (list: typeof servers) => some(list.map(({id}) => id))
  return {reached: success, answer: {success: idsOfThem(success), offline: idsOfThem(offline)}}
}

/** A row that was said once stands for an agent that is there. */
export function isReachable(server: NezhaServer, state: DashboardState): boolean {
  return (
    isConnected(server, state.now()) ||
    (server.agent.kind === 'frozen' && server.agent.lastActive !== neverActive)
  )
}

/** POST /force-update/server: sent is all that success means (trap 44). */
export function forceUpdate(call: Call): unknown {
  return byReach(call, idsOf(call), 'offline').answer
}

/** What an agent runs with unless it was told otherwise. */
const agentDefaults = {
  debug: false,
  server: '',
  client_secret: '',
  uuid: '',
  gpu: false,
  temperature: false,
  skip_connection_count: false,
  skip_procs_count: false,
  disable_auto_update: true,
  disable_force_update: false,
  disable_command_execute: false,
  report_delay: 3,
  tls: false,
  insecure_tls: false,
  use_ipv6_country_code: false,
  use_gitee_to_upgrade: false,
  use_atomgit_to_upgrade: false,
  disable_nat: false,
  disable_send_query: false,
  ip_report_period: 1800,
  self_update_period: 0,
}

/** GET /server/config/{id}: a text, nothing of an agent that is not there (3.9). */
export function showConfig(call: Call): unknown {
  const {request, state, caller} = call
  const server = state.server(idIn(call))
  if (!server) return undefined
  if (!owns(caller, server)) throw new Refused('permission denied')
  if (!isReachable(server, state)) {
    // v1.14 tells of the connection that was there (3.9).
    if (state.features.periods || server.agent.kind !== 'machine') return undefined
    throw new Refused('rpc error: code = Unavailable desc = transport is closing')
  }
  const told = state.agentConfigs.get(server.uuid)
  if (told?.disable_command_execute) {
    throw new Refused(`${state.say('get server config failed')}: 此 Agent 已禁止命令执行`)
  }
  const owner = state.users.get(server.ownerId)
  const own = {server: request.headers.host, client_secret: owner?.agentSecret, uuid: server.uuid}
  return JSON.stringify({...agentDefaults, ...own, ...told})
}

/** POST /server/config: the panel does not look at the text, the agent merges it. */
export function pushConfig(call: Call): unknown {
  const {servers, config} = bodyOf(call, 'object')
  const ids = Array.isArray(servers) ? servers.map(Number) : []
  const {reached, answer} = byReach(call, ids, 'unsaid')
  for (const {server} of reached) {
    if (server) call.state.configure(server.uuid, parsed(String(config)))
  }
  return answer
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
