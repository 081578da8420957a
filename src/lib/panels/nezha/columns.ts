import type {Cell} from '../../output/cell.js'
import {
  ago,
  bytes,
  bytesPerSecond,
  celsius,
  count,
  decimal,
  duration,
  list,
  lossPercent,
  milliseconds,
  percent,
  percentOf,
  state,
} from '../../output/cell.js'
import {asPage, type Columns, chart, hidden} from '../../output/columns.js'
import type {Delays} from '../delays.js'
import {delaysOf} from './delays.js'
import {type Monitor, NEVER, type Server, type ServerDetails} from './schemas.js'
import type {ServerStatus} from './status.js'

/** When a server's agent reported last; null for never since the dashboard started (trap 9). */
function lastActive({last_active}: Pick<Server, 'last_active'>): Date | null {
  return last_active <= NEVER ? null : new Date(last_active * 1000)
}

/** The same to be read: of one that did report, at a time which is not told, it is unknown. */
function lastSeen(server: Pick<Server, 'last_active' | 'reported'>): Cell {
  const date = lastActive(server)
  return ago(date === null && server.reported ? new Date(Number.NaN) : date)
}

export const serverColumns = {
  id: server => server.id,
  name: server => server.name,
  tag: server => server.tag,
  last_active: lastSeen,
  ip: server => server.valid_ip,
  ipv4: hidden(server => server.ipv4),
  ipv6: hidden(server => server.ipv6),
} satisfies Columns<Server>

/** What no machine has 0 of: it was not counted. */
function some(amount: number | undefined): number | null {
  return amount || null
}

/** What is used of a total, as it was told: 0 of a total that was not counted is no amount either. */
function usedOf(used: number, total: number | undefined): number | null {
  return total ? used : some(used)
}

/** What an agent reported. */
type Reported = Pick<ServerDetails, 'last_active' | 'host' | 'status'>

/** A cell from what the agent reported: nothing where nothing came since the dashboard started, as its zeros mean nothing. */
function reported(read: (server: Reported) => Cell): (server: Reported) => Cell {
  return server => (lastActive(server) === null ? null : read(server))
}

/** The same where `--columns` names it. */
function asked(read: (server: Reported) => Cell) {
  return hidden(reported(read))
}

// `display_index` and `hide_for_guest` are no columns: they are true only where all servers are asked for at once (trap 8).
const reportColumns: Columns<Reported> = {
  cpu: reported(({status}) => percent(status.CPU)),
  memory: reported(({status, host}) => percentOf(status.MemUsed, host.MemTotal)),
  disk: reported(({status, host}) => percentOf(status.DiskUsed, host.DiskTotal)),
  load: reported(({status}) => decimal(status.Load1)),
  net_in: reported(({status}) => bytesPerSecond(status.NetInSpeed)),
  net_out: reported(({status}) => bytesPerSecond(status.NetOutSpeed)),
  uptime: reported(({status}) => duration(status.Uptime)),
  load5: asked(({status}) => decimal(status.Load5)),
  load15: asked(({status}) => decimal(status.Load15)),
  memory_used: asked(({status, host}) => bytes(usedOf(status.MemUsed, host.MemTotal))),
  memory_total: asked(({host}) => bytes(some(host.MemTotal))),
  swap_used: asked(({status}) => bytes(status.SwapUsed)),
  swap_total: asked(({host}) => bytes(host.SwapTotal)),
  disk_used: asked(({status, host}) => bytes(usedOf(status.DiskUsed, host.DiskTotal))),
  disk_total: asked(({host}) => bytes(some(host.DiskTotal))),
  net_in_total: asked(({status}) => bytes(status.NetInTransfer)),
  net_out_total: asked(({status}) => bytes(status.NetOutTransfer)),
  // An agent that was told not to count says 0 (1.4), where it is itself a process with a connection.
  tcp: asked(({status}) => count(some(status.TcpConnCount))),
  udp: asked(({status}) => count(status.TcpConnCount > 0 ? status.UdpConnCount : some(status.UdpConnCount))),
  processes: asked(({status}) => count(some(status.ProcessCount))),
  gpu: asked(({status, host}) => percent(host.GPU?.length ? status.GPU : some(status.GPU))),
  temperature: asked(({status}) =>
    celsius(Math.max(...(status.Temperatures ?? []).map(sensor => sensor.Temperature))),
  ),
  platform: asked(({host}) => `${host.Platform} ${host.PlatformVersion}`.trim()),
  arch: asked(({host}) => host.Arch),
  virtualization: asked(({host}) => host.Virtualization),
  cpu_model: asked(({host}) => list(host.CPU)),
  gpu_model: asked(({host}) => list(host.GPU)),
  country: asked(({host}) => host.CountryCode),
  agent: asked(({host}) => host.Version),
}

export const detailColumns: Columns<ServerDetails> = {
  ...serverColumns,
  ip: hidden(serverColumns.ip),
  ...reportColumns,
  uuid: hidden(server => server.uuid || null),
  note: hidden(server => server.note || null),
  public_note: hidden(server => server.public_note || null),
}

/** What a server reports now. */
export const statusColumns: Columns<ServerStatus> = {
  id: server => server.id,
  name: server => server.name,
  tag: server => server.tag,
  status: server => state(server.online ? 'online' : 'offline'),
  last_active: lastSeen,
  ...reportColumns,
}

/** One server at length: what a list hides for want of room is shown. */
export const serverPageColumns: Columns<ServerDetails> = asPage(detailColumns)

/** The figures of delays, and the delays themselves drawn. */
export function delayColumns<Row>(delays: (row: Row) => Delays): Columns<Row> {
  return {
    points: row => delays(row).points,
    last: row => milliseconds(delays(row).last),
    min: row => milliseconds(delays(row).min),
    avg: row => milliseconds(delays(row).avg),
    max: row => milliseconds(delays(row).max),
    loss: row => lossPercent(delays(row).loss),
    delay: chart(row => delays(row).series),
  }
}

export const monitorColumns: Columns<Monitor> = {
  id: hidden(monitor => monitor.monitor_id),
  monitor: monitor => monitor.monitor_name,
  ...delayColumns(delaysOf),
}
