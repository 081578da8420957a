import type * as z from 'zod/mini'
import type {Client} from '../../http/client.js'
import {askLatestStatus} from './endpoints.js'
import type {Feed, latestStatus, Report} from './schemas.js'

type Status = z.infer<typeof latestStatus>[string]

/** As the live feed has it; the processor is single precision here (contracts/komari.md 7.3). */
function asReport(status: Status): Report {
  const {cpu, ram, ram_total, swap, swap_total, disk, disk_total, connections, connections_udp} = status
  return {
    cpu: {usage: Math.round(cpu * 100) / 100},
    ram: {total: ram_total, used: ram},
    swap: {total: swap_total, used: swap},
    load: {load1: status.load, load5: status.load5, load15: status.load15},
    disk: {total: disk_total, used: disk},
    network: {
      up: status.net_out,
      down: status.net_in,
      totalUp: status.net_total_up,
      totalDown: status.net_total_down,
    },
    connections: {tcp: connections - connections_udp, udp: connections_udp},
    uptime: status.uptime,
    process: status.process,
    updated_at: status.time,
  }
}

/**
 * What the live feed says, asked over RPC2, which shows hidden nodes to an API key too; of these nodes where some are named.
 * @throws NoSuchMethod before 1.0.7
 */
export async function readLatestStatus(client: Client, uuids?: readonly string[]): Promise<Feed> {
  const params = uuids === undefined ? {} : {uuids}
  const body = {jsonrpc: '2.0', id: 1, method: 'common:getNodesLatestStatus', params} as const
  const entries = Object.entries(await client.call(askLatestStatus, {body}))
  return {
    online: entries.filter(([, {online}]) => online).map(([uuid]) => uuid),
    data: Object.fromEntries(entries.map(([uuid, status]) => [uuid, asReport(status)])),
  }
}
