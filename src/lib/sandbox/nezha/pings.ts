import {noise} from '../random.js'
import type {Agent} from './agent.js'

/** A service the agents probe; only ping monitors appear in answers (contracts/nezha.md 1.5). */
export interface NezhaMonitor {
  readonly id: number
  readonly name: string
  readonly type: 'icmp' | 'tcp' | 'http'
  /** The usual round trip from the nearest server, in milliseconds. */
  readonly delayMs: number
  /** How many of the probes are lost, 0 to 1. */
  readonly loss: number
  /** Servers that do not probe it. */
  readonly skipServers: Pick<ReadonlySet<number>, 'has'>
}

/** One row of history: when it was written (milliseconds since 1970) and the mean delay, 0 for a lost probe. */
export interface Ping {
  readonly at: number
  readonly delayMs: number
}

const minute = 60_000
const day = 24 * 60 * minute

/**
 * The rows one agent wrote for one monitor within a window (milliseconds) until now, one a minute while it was
 * connected, oldest first. The same server, monitor and minute always give the same row.
 */
function pingsOf(
  monitor: NezhaMonitor,
  server: {readonly id: number; readonly seed: number},
  connected: {readonly from: number; readonly until: number},
  now: number,
  window: number,
): Ping[] {
  const offset = Math.floor(noise(server.seed, monitor.id, 1) * minute)
  const distance = monitor.delayMs * (1 + 2 * noise(server.seed, monitor.id, 2))
  const from = Math.max(now - window, connected.from)
  const until = Math.min(now, connected.until)
  const pings: Ping[] = []
  for (let index = Math.ceil((from - offset) / minute); ; index++) {
    const at = index * minute + offset
    if (at > until) return pings
    const lost = noise(server.seed, monitor.id, index) < monitor.loss
    const evening = 1 + 0.15 * Math.sin((2 * Math.PI * at) / day)
    const jitter = 1 + 0.1 * noise(server.seed, monitor.id, index, 3)
    // The panel caps delays at 1000 ms unless told otherwise.
    pings.push({at, delayMs: lost ? 0 : Math.min(1000, distance * evening * jitter)})
  }
}

/** The rows of a server that reports and probes this; none of one that does not. */
export function madePings(
  {id, agent}: {readonly id: number; readonly agent: Agent},
  monitor: NezhaMonitor | undefined,
  now: number,
  window = day,
): Ping[] {
  if (!monitor || monitor.skipServers.has(id) || agent.kind !== 'machine') return []
  const connected = {from: agent.connectedAt, until: agent.disconnectedAt ?? Number.POSITIVE_INFINITY}
  return pingsOf(monitor, {id, seed: agent.machine.seed}, connected, now, window)
}

/** The rows of the last 24 hours, oldest first. */
export function withinWindow(pings: readonly Ping[], now: number): Ping[] {
  return pings.filter(({at}) => at >= now - day && at <= now).sort((one, other) => one.at - other.at)
}
