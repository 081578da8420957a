import type {Cell} from '../../output/cell.js'
import {
  ago,
  bytes,
  bytesPerSecond,
  celsius,
  decimal,
  duration,
  list,
  milliseconds,
  percent,
  percentOf,
} from '../../output/cell.js'
import {type Columns, chart} from '../../output/columns.js'
import {delaysOf} from './delays.js'
import {type Monitor, NEVER, type Server, type ServerDetails} from './schemas.js'

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

/** What no machine has 0 of: it was not counted. */
function some(amount: number | undefined): number | null {
  return amount || null
}

/** A cell from what the agent reported: nothing where nothing came since the dashboard started, as its zeros mean nothing. */
function reported(read: (server: ServerDetails) => Cell): (server: ServerDetails) => Cell {
  return server => (lastActive(server) === null ? null : read(server))
}

function hidden(value: (server: ServerDetails) => Cell) {
  return {value: reported(value), hidden: true as const}
}

// `display_index` and `hide_for_guest` are no columns: they are true only where all servers are asked for at once (trap 8).
export const detailColumns: Columns<ServerDetails> = {
  ...serverColumns,
  ip: {value: serverColumns.ip, hidden: true},
  cpu: reported(({status}) => percent(status.CPU)),
  memory: reported(({status, host}) => percentOf(status.MemUsed, host.MemTotal)),
  disk: reported(({status, host}) => percentOf(status.DiskUsed, host.DiskTotal)),
  load: reported(({status}) => decimal(status.Load1)),
  net_in: reported(({status}) => bytesPerSecond(status.NetInSpeed)),
  net_out: reported(({status}) => bytesPerSecond(status.NetOutSpeed)),
  uptime: reported(({status}) => duration(status.Uptime)),
  load5: hidden(({status}) => decimal(status.Load5)),
  load15: hidden(({status}) => decimal(status.Load15)),
  memory_used: hidden(({status}) => bytes(status.MemUsed)),
  memory_total: hidden(({host}) => bytes(some(host.MemTotal))),
  swap_used: hidden(({status}) => bytes(status.SwapUsed)),
  swap_total: hidden(({host}) => bytes(host.SwapTotal)),
  disk_used: hidden(({status}) => bytes(status.DiskUsed)),
  disk_total: hidden(({host}) => bytes(some(host.DiskTotal))),
  net_in_total: hidden(({status}) => bytes(status.NetInTransfer)),
  net_out_total: hidden(({status}) => bytes(status.NetOutTransfer)),
  // An agent that was told not to count says 0 (1.4), where it is itself a process with a connection.
  tcp: hidden(({status}) => some(status.TcpConnCount)),
  udp: hidden(({status}) => (status.TcpConnCount > 0 ? status.UdpConnCount : some(status.UdpConnCount))),
  processes: hidden(({status}) => some(status.ProcessCount)),
  gpu: hidden(({status, host}) => percent(host.GPU?.length ? status.GPU : some(status.GPU))),
  temperature: hidden(({status}) =>
    celsius(Math.max(...(status.Temperatures ?? []).map(sensor => sensor.Temperature))),
  ),
  platform: hidden(({host}) => `${host.Platform} ${host.PlatformVersion}`.trim()),
  arch: hidden(({host}) => host.Arch),
  virtualization: hidden(({host}) => host.Virtualization),
  cpu_model: hidden(({host}) => list(host.CPU)),
  gpu_model: hidden(({host}) => list(host.GPU)),
  country: hidden(({host}) => host.CountryCode),
  agent: hidden(({host}) => host.Version),
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
  delay: chart(monitor => delaysOf(monitor).series),
}
