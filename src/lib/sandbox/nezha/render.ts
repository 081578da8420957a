import {goFloat32, goString} from '../go/json.js'
import {type NezhaHost, type NezhaStatus, type Observation, observe} from './agent.js'
import type {Features} from './features.js'
import type {Ping} from './pings.js'
import type {NezhaServer} from './state.js'

/**
 * JSON by hand: the key order of the panel's structs is part of the contract (1.3 to 1.5), 64-bit
 * counters do not fit `JSON.stringify`, and ten thousand servers have to come out fast.
 */

/** The fields that only an unfiltered details answer fills; elsewhere they are 0 and false (1.3, 1.4). */
export type Ordering = 'real' | 'constant'

/** The answer of GET /api/v1/server/list. */
export function renderList(servers: readonly NezhaServer[], features: Features, now: number): string {
  const items = servers.map(server => {
    const fields = commonFields(server, observe(server.agent, now), features, 'constant')
    return `{${fields}}`
  })
  return success(`[${items.join(',')}]`)
}

/**
 * The answer of GET /api/v1/server/details; `undefined` when a value is no finite number: then the
 * panel cannot encode the answer and sends none (contracts/nezha.md 1.1).
 */
export function renderDetails(
  servers: readonly NezhaServer[],
  features: Features,
  ordering: Ordering,
  now: number,
): Buffer | undefined {
  const parts: Buffer[] = [Buffer.from('{"code":0,"message":"success","result":[')]
  for (const server of servers) {
    const item = renderDetailed(server, observe(server.agent, now), features, ordering)
    if (!item) return undefined
    if (parts.length > 1) parts.push(comma)
    parts.push(item)
  }
  return Buffer.concat([...parts, Buffer.from(']}')])
}

const comma = Buffer.from(',')

interface Rendered {
  /** Bytes: joining ten thousand texts costs more than making them. */
  readonly bytes: Buffer
  readonly lastActive: number
  readonly host: NezhaHost
  readonly features: Features
  readonly ordering: Ordering
}

/** What each server looked like last: it is good until the server changes or reports again. */
const rendered = new WeakMap<NezhaServer, Rendered>()

function renderDetailed(
  server: NezhaServer,
  seen: Observation,
  features: Features,
  ordering: Ordering,
): Buffer | undefined {
  const {host, lastActive} = seen
  const last = rendered.get(server)
  const same = last?.lastActive === lastActive && last.host === host
  if (same && last.features === features && last.ordering === ordering) return last.bytes
  const {status} = seen
  if (!isEncodable(status)) return undefined
  const common = commonFields(server, seen, features, ordering)
  const bytes = Buffer.from(
    `{${common},"host":${renderHost(host, features)},"status":${renderStatus(status, features)}}`,
  )
  rendered.set(server, {bytes, lastActive, host, features, ordering})
  return bytes
}

/** The other numbers of a status are whole ones and cannot be anything else. */
function isEncodable({CPU, Load1, Load5, Load15, GPU, Temperatures}: NezhaStatus): boolean {
  const numbers = CPU + Load1 + Load5 + Load15 + GPU
  return Number.isFinite(Temperatures?.reduce((sum, {Temperature}) => sum + Temperature, numbers) ?? numbers)
}

export interface MonitorHistory {
  readonly monitorId: number
  readonly monitorName: string
  readonly server: NezhaServer
  readonly pings: readonly Ping[]
}

/** The answer of GET /api/v1/monitor/{id}: `null` without data, times cut to the minute (1.5). */
export function renderMonitors(histories: readonly MonitorHistory[]): string {
  if (histories.length === 0) return success('null')
  const items = histories.map(({monitorId, monitorName, server, pings}) => {
    const times = pings.map(({at}) => Math.floor(at / 60_000) * 60_000)
    const delays = pings.map(({delayMs}) => goFloat32(delayMs))
    const names = `"monitor_name":${goString(monitorName)},"server_name":${goString(server.name)}`
    return `{"monitor_id":${monitorId},"server_id":${server.id},${names},"created_at":[${times}],"avg_delay":[${delays}]}`
  })
  return success(`[${items.join(',')}]`)
}

function success(result: string): string {
  return `{"code":0,"message":"success","result":${result}}`
}

function commonFields(
  server: NezhaServer,
  seen: Observation,
  features: Features,
  ordering: Ordering,
): string {
  const {ipv4, ipv6, lastActive} = seen
  let fields =
    `"id":${server.id},"name":${goString(server.name)},"tag":${goString(server.tag)},"last_active":${lastActive}` +
    `,"ipv4":${goString(ipv4)},"ipv6":${goString(ipv6)},"valid_ip":${goString(ipv4 || ipv6)}`
  if (features.displayIndex) fields += `,"display_index":${ordering === 'real' ? server.displayIndex : 0}`
  if (features.hideForGuest) fields += `,"hide_for_guest":${ordering === 'real' && server.hidden}`
  return fields
}

function renderHost(host: NezhaHost, features: Features): string {
  const gpu = features.gpu ? `,"GPU":${renderNames(host.GPU)}` : ''
  return (
    `{"Platform":${goString(host.Platform)},"PlatformVersion":${goString(host.PlatformVersion)}` +
    `,"CPU":${renderNames(host.CPU)},"MemTotal":${host.MemTotal},"DiskTotal":${host.DiskTotal}` +
    `,"SwapTotal":${host.SwapTotal},"Arch":${goString(host.Arch)},"Virtualization":${goString(host.Virtualization)}` +
    `,"BootTime":${host.BootTime},"CountryCode":${goString(host.CountryCode)},"Version":${goString(host.Version)}${gpu}}`
  )
}

function renderNames(names: NezhaHost['CPU']): string {
  return names === null ? 'null' : `[${names.map(goString)}]`
}

function renderStatus(status: NezhaStatus, features: Features): string {
  const temperatures = features.temperatures
    ? `,"Temperatures":${renderTemperatures(status.Temperatures)}`
    : ''
  const gpu = features.gpu ? `,"GPU":${status.GPU}` : ''
  return (
    `{"CPU":${status.CPU},"MemUsed":${status.MemUsed},"SwapUsed":${status.SwapUsed},"DiskUsed":${status.DiskUsed}` +
    `,"NetInTransfer":${status.NetInTransfer},"NetOutTransfer":${status.NetOutTransfer}` +
    `,"NetInSpeed":${status.NetInSpeed},"NetOutSpeed":${status.NetOutSpeed},"Uptime":${status.Uptime}` +
    `,"Load1":${status.Load1},"Load5":${status.Load5},"Load15":${status.Load15}` +
    `,"TcpConnCount":${status.TcpConnCount},"UdpConnCount":${status.UdpConnCount}` +
    `,"ProcessCount":${status.ProcessCount}${temperatures}${gpu}}`
  )
}

function renderTemperatures(temperatures: NezhaStatus['Temperatures']): string {
  if (temperatures === null) return 'null'
  return `[${temperatures.map(({Name, Temperature}) => `{"Name":${goString(Name)},"Temperature":${Temperature}}`)}]`
}
