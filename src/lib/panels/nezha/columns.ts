import {ago, bytes, bytesPerSecond, duration, percent, state} from '../../output/cell.js'
import type {Columns} from '../../output/columns.js'
import type {Server, ServerDetails} from './schemas.js'

/** What Go's zero time is in Unix seconds: nothing was reported since the dashboard started (contracts/nezha.md 1.3). */
const NEVER = -62135596800

/** Seconds without a report after which the dashboard's own pages show a server as offline (contracts/nezha.md 1.4). */
const OFFLINE_AFTER = 10

/** When a server's agent reported last; null for never since the dashboard started (trap 9). */
export function lastActive({last_active}: {last_active: number}): Date | null {
  return last_active <= NEVER ? null : new Date(last_active * 1000)
}

export const serverColumns: Columns<Server> = {
  id: server => server.id,
  name: server => server.name,
  tag: server => server.tag,
  last_active: server => ago(lastActive(server)),
  ip: server => server.valid_ip,
  ipv4: {value: server => server.ipv4, hidden: true},
  ipv6: {value: server => server.ipv6, hidden: true},
}

/** A used amount in percent of its total; null where there is no total to compare with. */
function share(used: number, total: number): number | null {
  return total > 0 ? (used / total) * 100 : null
}

export const detailColumns: Columns<ServerDetails> = {
  id: server => server.id,
  name: server => server.name,
  tag: server => server.tag,
  last_active: server => ago(lastActive(server)),
  cpu: server => percent(server.status.CPU),
  memory: server => percent(share(server.status.MemUsed, server.host.MemTotal)),
  disk: server => percent(share(server.status.DiskUsed, server.host.DiskTotal)),
  load: server => server.status.Load1,
  net_in: server => bytesPerSecond(server.status.NetInSpeed),
  net_out: server => bytesPerSecond(server.status.NetOutSpeed),
  uptime: server => duration(server.status.Uptime),
}
