import {goFloat32} from '../../go/json.js'
import {lastReportAt} from '../../machine.js'
import {type NezhaStatus, observe} from '../agent.js'
import type {NezhaServer} from '../fleet.js'
import {madePings, type NezhaMonitor, type Ping, withinWindow} from '../pings.js'
import {type Call, Instead, idIn, owns, Refused, some} from './call.js'
import type {DashboardState} from './state.js'

const day = 86_400_000

/** How far back a period goes, and how wide its buckets are, in milliseconds (contracts/nezha.md 3.4). */
const periods: Readonly<Record<string, {readonly window: number; readonly width: number}>> = {
  '1d': {window: day, width: 30_000},
  '7d': {window: 7 * day, width: 1_800_000},
  '30d': {window: 30 * day, width: 7_200_000},
}

function periodOf({caller, target}: Call) {
  const name = target.query.get('period') || '1d'
  const period = periods[name]
  if (!period) throw new Refused(`invalid period: ${name}, expected 1d, 7d, or 30d`)
  if (caller.kind === 'guest' && name !== '1d') {
    throw new Refused('unauthorized: only 1d data available for guests')
  }
  return period
}

/**
 * A server whose measurements the caller may see: hidden ones are their owner's. Below v1.5.5 a refusal never gives its
 * lock back (trap 41).
 */
function visibleServer(call: Call): NezhaServer {
  const {state, caller} = call
  const server = state.server(idIn(call))
  if (server && (!server.hidden || owns(caller, server))) return server
  if (!state.features.unlocks) state.deadlock()
  throw new Refused(server ? 'unauthorized' : 'server not found')
}

/** Services by number that the caller may see; v1 hides none. */
function visibleServices({caller, state}: Call): NezhaMonitor[] {
  const rows = state.rowsOf('service')
  const services = [...state.monitors.values()].sort((one, other) => one.id - other.id)
  return caller.kind === 'guest' ? services.filter(({id}) => !rows.get(id)?.hide_for_guest) : services
}

function pingsOf(server: NezhaServer, service: NezhaMonitor, window: number, state: DashboardState): Ping[] {
  const set = state.pingsSetFor(server.id)
  return set
    ? withinWindow(set.get(service.id) ?? [], state.now())
    : madePings(server, service, state.seenAt(), window)
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}

interface Bucket extends Ping {
  readonly isUp: boolean
}

/** The rows as they are told: each as it is, cut to the minute, without TSDB; buckets of averages with it, up where most of one were. */
function bucketed(pings: readonly Ping[], width: number, state: DashboardState): Bucket[] {
  if (!state.tsdb)
    return pings.map(({at, delayMs}) => ({
      at: at - (at % 60_000),
      delayMs: goFloat32(delayMs),
      isUp: delayMs > 0,
    }))
  const buckets = new Map<number, number[]>()
  for (const {at, delayMs} of pings) {
    const start = at - (at % width)
    buckets.set(start, [...(buckets.get(start) ?? []), delayMs])
  }
  return [...buckets].map(([at, delays]) => ({
    at,
    delayMs: mean(delays),
    isUp: delays.filter(delay => delay > 0).length > Math.floor(delays.length / 2),
  }))
}

/** GET /server/{id}/service, and /service/{server id} before v2.0.0; HTTP services only with TSDB (3.4). */
export function listHistories(call: Call): unknown {
  const {state} = call
  const {features} = state
  // The one read that a dead-locked dashboard does not answer either.
  if (state.deadlocked && features.deadlocks) throw new Instead('stall')
  const server = visibleServer(call)
  const {window, width} = features.periods ? periodOf(call) : {window: day, width: 0}
  return visibleServices(call).flatMap(service => {
    if (service.type === 'http' && !state.tsdb) return []
    const points = bucketed(pingsOf(server, service, window, state), width, state)
    if (points.length === 0) return []
    return {
      monitor_id: service.id,
      server_id: server.id,
      monitor_name: service.name,
      server_name: server.name,
      display_index: features.periods
        ? Number(state.rowsOf('service').get(service.id)?.display_index ?? 0)
        : undefined,
      created_at: points.map(({at}) => at),
      avg_delay: points.map(({delayMs}) => delayMs),
    }
  })
}

/** GET /service/server: the servers that have any, in no order. */
export function listMeasured(call: Call): unknown {
  const {caller, state} = call
  const visible = state.listed().filter(server => !server.hidden || owns(caller, server))
  const services = visibleServices(call)
  return visible
    .filter(server => services.some(service => pingsOf(server, service, day, state).length > 0))
    .map(({id}) => id)
}

/** GET /service: thirty days of which the last is today. On v1 some services are left out for everybody. */
export function showOverview(call: Call): unknown {
  const {state} = call
  const days = (today: number) => [...Array<number>(29).fill(0), today]
  const isShown = ({id}: NezhaMonitor) =>
    state.features.periods || state.rowsOf('service').get(id)?.enable_show_in_service === true
  const services = visibleServices(call)
    .filter(isShown)
    .map(service => {
      const histories = state.listed().map(server => pingsOf(server, service, day, state))
      const pings = histories.flat()
      const answered = pings.filter(({delayMs}) => delayMs > 0)
      const latest = histories.flatMap(history => history.at(-1) ?? [])
      const [up, down] = [answered.length, pings.length - answered.length]
      return {
        service_name: some(service.name),
        current_up: latest.filter(({delayMs}) => delayMs > 0).length,
        current_down: latest.filter(({delayMs}) => delayMs === 0).length,
        total_up: up,
        total_down: down,
        delay: days(mean(answered.map(({delayMs}) => delayMs))),
        up: days(up),
        down: days(down),
        id: service.id,
      }
    })
  if (services.length === 0) return {}
  return {services: Object.fromEntries(services.map(({id, ...service}) => [id, service]))}
}

/** GET /service/{id}/history. */
export function showHistory(call: Call): unknown {
  const {state, caller} = call
  const service = visibleServices(call).find(({id}) => id === idIn(call))
  if (!service) throw new Refused('service not found')
  const {window, width} = periodOf(call)
  const servers = state.listed().flatMap(server => {
    if (server.hidden && !owns(caller, server)) return []
    const pings = pingsOf(server, service, window, state)
    if (pings.length === 0) return []
    const answered = pings.filter(({delayMs}) => delayMs > 0)
    // Without TSDB nothing is counted (3.4).
    const [up, down] = state.tsdb ? [answered.length, pings.length - answered.length] : [0, 0]
    const stats = {
      avg_delay: mean(pings.map(({delayMs}) => delayMs)),
      up_percent: goFloat32((100 * up) / pings.length),
      total_up: up,
      total_down: down,
      data_points: bucketed(pings, width, state).map(({at, delayMs, isUp}) => ({
        ts: at,
        delay: delayMs,
        status: isUp ? 1 : 0,
      })),
    }
    return {server_id: server.id, server_name: some(server.name), stats}
  })
  return {service_id: service.id, service_name: some(service.name), servers}
}

/** What a metric is of what an agent reports (3.4). */
const metrics: Readonly<Record<string, (status: NezhaStatus) => number>> = {
  cpu: status => status.CPU,
  memory: status => Number(status.MemUsed),
  swap: status => Number(status.SwapUsed),
  disk: status => Number(status.DiskUsed),
  net_in_speed: status => Number(status.NetInSpeed),
  net_out_speed: status => Number(status.NetOutSpeed),
  net_in_transfer: status => Number(status.NetInTransfer),
  net_out_transfer: status => Number(status.NetOutTransfer),
  load1: status => status.Load1,
  load5: status => status.Load5,
  load15: status => status.Load15,
  tcp_conn: status => Number(status.TcpConnCount),
  udp_conn: status => Number(status.UdpConnCount),
  process_count: status => Number(status.ProcessCount),
  temperature: status => Math.max(0, ...(status.Temperatures ?? []).map(({Temperature}) => Temperature)),
  uptime: status => Number(status.Uptime),
  gpu: status => status.GPU,
}

/** GET /server/{id}/metrics: no points without TSDB, and none of a time without reports. */
export function showMetrics(call: Call): unknown {
  const {state, target} = call
  const server = visibleServer(call)
  const name = target.query.get('metric') ?? ''
  const metric = metrics[name]
  if (!metric) throw new Refused('invalid metric name')
  const {window, width} = periodOf(call)
  return {
    server_id: server.id,
    server_name: some(server.name),
    metric: name,
    data_points: state.tsdb ? pointsOf(server, metric, window, width, state.seenAt()) : [],
  }
}

/** One a bucket, of its last report. */
function pointsOf(
  {agent}: NezhaServer,
  metric: (status: NezhaStatus) => number,
  window: number,
  width: number,
  now: number,
) {
  if (agent.kind === 'none') return []
  const points: Array<{ts: number; value: number}> = []
  const start = now - window
  for (let ts = start - (start % width); ts <= now; ts += width) {
    const until = Math.min(ts + width - 1, now)
    const at = agent.kind === 'frozen' ? agent.lastActive * 1000 : lastReportAt(agent, until)
    if (at !== undefined && at >= ts && at <= until)
      points.push({ts, value: metric(observe(agent, at).status)})
  }
  return points
}
