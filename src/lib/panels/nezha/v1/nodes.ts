import {withIntegersRenamed} from '../../../exact-integers.js'
import type {Api} from '../../../http/client.js'
import {NEVER, type ServerDetails, ZERO_TIME} from '../schemas.js'
import {listGroups, listServers} from './endpoints.js'
import type {Frame, Group, Server} from './schemas.js'

/** Agents report every few seconds; what is silent for longer is told as offline, as the panel itself does (contracts/nezha.md 3.11). */
const SILENCE = 30

/** Whether an agent that reported at this time (Unix seconds) is there. */
export function isOnline(lastActive: number, now: Date): boolean {
  return lastActive > now.getTime() / 1000 - SILENCE
}

/** Unix seconds; of year 1 it is what v0 says there. */
export function seconds(time: string): number {
  const moment = Date.parse(time)
  return Number.isNaN(moment) || time.startsWith('0001') ? ZERO_TIME : Math.floor(moment / 1000)
}

/** What v0 called a figure: `net_in_transfer` was `NetInTransfer`. */
function nameInV0(key: string): string {
  return key.replaceAll(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase())
}

/** What an agent reported, in v0's names: what is absent is 0 there, and of several graphics cards the busiest counts (3.8). */
function reported({
  host,
  state,
  country,
}: Pick<Server, 'host' | 'state'> & {readonly country: string | undefined}): Pick<
  ServerDetails,
  'host' | 'status'
> {
  return {
    host: withIntegersRenamed(
      host ?? undefined,
      {
        Platform: host?.platform ?? '',
        PlatformVersion: host?.platform_version ?? '',
        CPU: host?.cpu ?? null,
        MemTotal: host?.mem_total ?? 0,
        DiskTotal: host?.disk_total ?? 0,
        SwapTotal: host?.swap_total ?? 0,
        Arch: host?.arch ?? '',
        Virtualization: host?.virtualization ?? '',
        BootTime: host?.boot_time ?? 0,
        CountryCode: country ?? '',
        Version: host?.version ?? '',
        GPU: host?.gpu ?? null,
      },
      nameInV0,
    ),
    status: withIntegersRenamed(
      state ?? undefined,
      {
        CPU: state?.cpu ?? 0,
        MemUsed: state?.mem_used ?? 0,
        SwapUsed: state?.swap_used ?? 0,
        DiskUsed: state?.disk_used ?? 0,
        NetInTransfer: state?.net_in_transfer ?? 0,
        NetOutTransfer: state?.net_out_transfer ?? 0,
        NetInSpeed: state?.net_in_speed ?? 0,
        NetOutSpeed: state?.net_out_speed ?? 0,
        Uptime: state?.uptime ?? 0,
        Load1: state?.load_1 ?? 0,
        Load5: state?.load_5 ?? 0,
        Load15: state?.load_15 ?? 0,
        TcpConnCount: state?.tcp_conn_count ?? 0,
        UdpConnCount: state?.udp_conn_count ?? 0,
        ProcessCount: state?.process_count ?? 0,
        Temperatures:
          state?.temperatures?.map(({Name = '', Temperature = 0}) => ({Name, Temperature})) ?? null,
        GPU: Math.max(0, ...(state?.gpu ?? [])),
      },
      nameInV0,
    ),
  }
}

/** The names of a server's groups, which v0's one tag was; of groups without a name nothing shows. */
export function groupsOf(id: number, groups: readonly Group[]): string[] {
  return groups.filter(({servers}) => servers?.includes(id)).flatMap(({group}) => group.name || [])
}

function node(server: Server, groups: readonly Group[], now: Date): ServerDetails {
  const {id, name = '', uuid = '', note = '', public_note = '', geoip} = server
  const names = groupsOf(id, groups)
  const ipv4 = geoip?.ip?.ipv4_addr ?? ''
  const ipv6 = geoip?.ip?.ipv6_addr ?? ''
  const country = geoip?.country_code ?? ''
  const last_active = seconds(server.last_active)
  return {
    id,
    name,
    tag: names.join(','),
    last_active,
    ipv4,
    ipv6,
    valid_ip: ipv4 || ipv6,
    display_index: server.display_index ?? 0,
    hide_for_guest: server.hide_for_guest ?? false,
    uuid,
    groups: names,
    online: isOnline(last_active, now),
    reported: last_active > NEVER || Object.keys({...server.host, ...server.state}).length > 0,
    note,
    public_note,
    country,
    ...reported({...server, country}),
  }
}

/** All servers with their groups, by id, in the names of v0 (contracts/nezha.md 3.8). `now` is by the panel's clock. */
export async function readNodes(api: Api, now: () => Date): Promise<ServerDetails[]> {
  // One after the other: each refusal of a token counts towards a block of the address (contracts/nezha.md 3.1).
  const servers = await api(listServers, {})
  const groups = await api(listGroups, {})
  const time = now()
  return (servers ?? []).map(server => node(server, groups ?? [], time))
}

/** The same of a frame, which tells no address and no group. */
export function nodesOf({servers, now}: Frame, groups: readonly Group[]): ServerDetails[] {
  return (servers ?? []).map(({country_code, ...server}) =>
    node({...server, geoip: {country_code}}, groups, new Date(now)),
  )
}
