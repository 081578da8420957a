import {goFloat32, goJson} from '../go/json.js'
import {type NezhaHost, type Observation, observe} from './agent.js'
import type {Features} from './features.js'
import type {NezhaServer} from './fleet.js'
import type {Ping} from './pings.js'

// The key order of the panel's structs is part of the contract (contracts/nezha.md 1.3 to 1.5).

/** The fields that only an unfiltered details answer fills; elsewhere they are 0 and false (1.3, 1.4). */
export type Ordering = 'real' | 'constant'

/** The answer of GET /api/v1/server/list. */
export function renderList(servers: readonly NezhaServer[], features: Features, now: number): string {
  return success(
    servers.map(server => commonFields(server, observe(server.agent, now), features, 'constant')),
  )
}

/** The answer of GET /api/v1/server/details. Throws `NoNumber` when a value is none (contracts/nezha.md 1.1). */
export function renderDetails(
  servers: readonly NezhaServer[],
  features: Features,
  ordering: Ordering,
  now: number,
): Buffer {
  const parts: Buffer[] = [Buffer.from('{"code":0,"message":"success","result":[')]
  for (const server of servers) {
    if (parts.length > 1) parts.push(comma)
    parts.push(renderDetailed(server, observe(server.agent, now), features, ordering))
  }
  return Buffer.concat([...parts, Buffer.from(']}')])
}

const comma = Buffer.from(',')

interface Rendered {
  /** Bytes: joining ten thousand texts costs more than making them. */
  readonly bytes: Buffer
  readonly lastActive: number
  readonly host: NezhaHost
  readonly ordering: Ordering
}

/** What each server looked like last: it is good until the server changes or reports again. */
const rendered = new WeakMap<NezhaServer, Rendered>()

function renderDetailed(
  server: NezhaServer,
  seen: Observation,
  features: Features,
  ordering: Ordering,
): Buffer {
  const {host, lastActive} = seen
  const last = rendered.get(server)
  if (last?.lastActive === lastActive && last.host === host && last.ordering === ordering) return last.bytes
  const {GPU: cards, ...machine} = host
  const {Temperatures, GPU: usage, ...status} = seen.status
  const detailed = {
    ...commonFields(server, seen, features, ordering),
    host: {...machine, ...(features.gpu && {GPU: cards})},
    status: {...status, ...(features.temperatures && {Temperatures}), ...(features.gpu && {GPU: usage})},
  }
  const bytes = Buffer.from(goJson(detailed))
  rendered.set(server, {bytes, lastActive, host, ordering})
  return bytes
}

export interface MonitorHistory {
  readonly monitorId: number
  readonly monitorName: string
  readonly server: NezhaServer
  readonly pings: readonly Ping[]
}

/** The answer of GET /api/v1/monitor/{id}: `null` without data, times cut to the minute (1.5). */
export function renderMonitors(histories: readonly MonitorHistory[]): string {
  const shown = histories.map(({monitorId, monitorName, server, pings}) => ({
    monitor_id: monitorId,
    server_id: server.id,
    monitor_name: monitorName,
    server_name: server.name,
    created_at: pings.map(({at}) => Math.floor(at / 60_000) * 60_000),
    avg_delay: pings.map(({delayMs}) => goFloat32(delayMs)),
  }))
  return success(shown.length > 0 ? shown : null)
}

function success(result: unknown): string {
  return goJson({code: 0, message: 'success', result})
}

function commonFields(
  {id, name, tag, displayIndex, hidden}: NezhaServer,
  {ipv4, ipv6, lastActive: last_active}: Observation,
  features: Features,
  ordering: Ordering,
) {
  const isReal = ordering === 'real'
  return {
    ...{id, name, tag, last_active, ipv4, ipv6, valid_ip: ipv4 || ipv6},
    ...(features.displayIndex && {display_index: isReal ? displayIndex : 0}),
    ...(features.hideForGuest && {hide_for_guest: isReal && hidden}),
  }
}
