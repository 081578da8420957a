import {
  ago,
  bytes,
  bytesPerSecond,
  duration,
  list,
  milliseconds,
  percent,
  sparkline,
} from '../../output/cell.js'
import type {Columns} from '../../output/columns.js'
import {delaysOf} from './delays.js'
import type {Monitor, Server, ServerDetails} from './schemas.js'

/** What Go's zero time is in Unix seconds: nothing was reported since the dashboard started (contracts/nezha.md 1.3). */
const NEVER = -62135596800

/** When a server's agent reported last; null for never since the dashboard started (trap 9). */
function lastActive({last_active}: Server): Date | null {
  return last_active <= NEVER ? null : new Date(last_active * 1000)
}

export const serverColumns = {
  id: server => server.id,
  name: server => server.name,
  tag: server => server.tag,
  last_active: server => ago(lastActive(server)),
  ip: server => server.valid_ip,
  ipv4: {value: server => server.ipv4, hidden: true},
  ipv6: {value: server => server.ipv6, hidden: true},
} satisfies Columns<Server>

/** A used amount in percent of its total; null where there is no total to compare with. */
function share(used: number, total: number): number | null {
  return total > 0 ? (used / total) * 100 : null
}

/** What an agent reported; null where nothing came since the dashboard started, when the panel's zeros mean nothing. */
function reported<Value>(server: ServerDetails, value: Value): Value | null {
  return lastActive(server) === null ? null : value
}

// `display_index` and `hide_for_guest` are no columns: they are true only where all servers are asked for at once (trap 8).
export const detailColumns: Columns<ServerDetails> = {
  ...serverColumns,
  ip: {value: serverColumns.ip, hidden: true},
  cpu: server => percent(reported(server, server.status.CPU)),
  memory: ({status, host}) => percent(share(status.MemUsed, host.MemTotal)),
  disk: ({status, host}) => percent(share(status.DiskUsed, host.DiskTotal)),
  load: server => reported(server, server.status.Load1),
  net_in: server => bytesPerSecond(reported(server, server.status.NetInSpeed)),
  net_out: server => bytesPerSecond(reported(server, server.status.NetOutSpeed)),
  uptime: server => duration(reported(server, server.status.Uptime)),
  load5: {value: ({status}) => status.Load5, hidden: true},
  load15: {value: ({status}) => status.Load15, hidden: true},
  memory_used: {value: ({status}) => bytes(status.MemUsed), hidden: true},
  memory_total: {value: ({host}) => bytes(host.MemTotal), hidden: true},
  swap_used: {value: ({status}) => bytes(status.SwapUsed), hidden: true},
  swap_total: {value: ({host}) => bytes(host.SwapTotal), hidden: true},
  disk_used: {value: ({status}) => bytes(status.DiskUsed), hidden: true},
  disk_total: {value: ({host}) => bytes(host.DiskTotal), hidden: true},
  net_in_total: {value: ({status}) => bytes(status.NetInTransfer), hidden: true},
  net_out_total: {value: ({status}) => bytes(status.NetOutTransfer), hidden: true},
  tcp: {value: ({status}) => status.TcpConnCount, hidden: true},
  udp: {value: ({status}) => status.UdpConnCount, hidden: true},
  processes: {value: ({status}) => status.ProcessCount, hidden: true},
  gpu: {value: ({status}) => percent(status.GPU), hidden: true},
  platform: {value: ({host}) => `${host.Platform} ${host.PlatformVersion}`.trim(), hidden: true},
  arch: {value: ({host}) => host.Arch, hidden: true},
  virtualization: {value: ({host}) => host.Virtualization, hidden: true},
  cpu_model: {value: ({host}) => list(host.CPU), hidden: true},
  gpu_model: {value: ({host}) => list(host.GPU), hidden: true},
  country: {value: ({host}) => host.CountryCode, hidden: true},
  agent: {value: ({host}) => host.Version, hidden: true},
}

/** One server at length: what a list hides for want of room is shown. */
export const serverPageColumns: Columns<ServerDetails> = Object.fromEntries(
  Object.entries(detailColumns).map(([name, column]) => [
    name,
    typeof column === 'function' ? column : column.value,
  ]),
)

export const monitorColumns: Columns<Monitor> = {
  id: {value: monitor => monitor.monitor_id, hidden: true},
  monitor: monitor => monitor.monitor_name,
  points: monitor => delaysOf(monitor).points,
  last: monitor => milliseconds(delaysOf(monitor).last),
  min: monitor => milliseconds(delaysOf(monitor).min),
  avg: monitor => milliseconds(delaysOf(monitor).avg),
  max: monitor => milliseconds(delaysOf(monitor).max),
  loss: monitor => percent(delaysOf(monitor).loss),
  delay: monitor => sparkline(delaysOf(monitor).series),
}
