import type {Counter} from '../go/json.js'
import {traffic, wave} from '../motion.js'
import {noise} from '../random.js'

/** What an agent tells about its machine, by the panel's own names (contracts/nezha.md 1.4). */
export interface NezhaHost {
  readonly Platform: string
  readonly PlatformVersion: string
  readonly CPU: readonly string[] | null
  readonly MemTotal: Counter
  readonly DiskTotal: Counter
  readonly SwapTotal: Counter
  readonly Arch: string
  readonly Virtualization: string
  /** Unix seconds. */
  readonly BootTime: number
  readonly CountryCode: string
  readonly Version: string
  readonly GPU: readonly string[] | null
}

/** What an agent reports every few seconds, by the panel's own names; bytes, bytes/s, percent, seconds. */
export interface NezhaStatus {
  readonly CPU: number
  readonly MemUsed: Counter
  readonly SwapUsed: Counter
  readonly DiskUsed: Counter
  readonly NetInTransfer: Counter
  readonly NetOutTransfer: Counter
  readonly NetInSpeed: Counter
  readonly NetOutSpeed: Counter
  readonly Uptime: Counter
  readonly Load1: number
  readonly Load5: number
  readonly Load15: number
  readonly TcpConnCount: Counter
  readonly UdpConnCount: Counter
  readonly ProcessCount: Counter
  readonly Temperatures: ReadonlyArray<{readonly Name: string; readonly Temperature: number}> | null
  readonly GPU: number
}

/** A machine without an agent, or one that never reported. */
export const emptyHost: NezhaHost = {
  Platform: '',
  PlatformVersion: '',
  CPU: null,
  MemTotal: 0,
  DiskTotal: 0,
  SwapTotal: 0,
  Arch: '',
  Virtualization: '',
  BootTime: 0,
  CountryCode: '',
  Version: '',
  GPU: null,
}

export const emptyStatus: NezhaStatus = {
  CPU: 0,
  MemUsed: 0,
  SwapUsed: 0,
  DiskUsed: 0,
  NetInTransfer: 0,
  NetOutTransfer: 0,
  NetInSpeed: 0,
  NetOutSpeed: 0,
  Uptime: 0,
  Load1: 0,
  Load5: 0,
  Load15: 0,
  TcpConnCount: 0,
  UdpConnCount: 0,
  ProcessCount: 0,
  Temperatures: null,
  GPU: 0,
}

/** Go's zero time in Unix seconds: no report since the dashboard started (contracts/nezha.md 1.3). */
export const neverActive = -62135596800

/** What the panel knows of a server at one moment. */
export interface Observation {
  readonly host: NezhaHost
  readonly status: NezhaStatus
  /** Unix seconds. */
  readonly lastActive: number
  readonly ipv4: string
  readonly ipv6: string
}

export const unseen: Observation = {
  host: emptyHost,
  status: emptyStatus,
  lastActive: neverActive,
  ipv4: '',
  ipv6: '',
}

/** A machine whose metrics move with the clock. */
export interface Machine {
  readonly host: NezhaHost
  readonly ipv4: string
  readonly ipv6: string
  /** Decides its load: the same number, the same curves. */
  readonly seed: number
  /** Values that stay as they are, in place of the moving ones. */
  readonly fixed?: Partial<NezhaStatus>
}

/** The agent on a server, as the panel sees it come and go. */
export type Agent =
  /** Never connected. */
  | {readonly kind: 'none'}
  /** Said this once, and nothing since: a value for tests. */
  | ({readonly kind: 'frozen'} & Observation)
  /** Reports every so often between two moments (milliseconds since 1970). */
  | {
      readonly kind: 'machine'
      readonly machine: Machine
      readonly connectedAt: number
      readonly disconnectedAt?: number
      readonly reportEverySeconds: number
      /** What an earlier connection left behind; shown until the first report of this one. */
      readonly previous?: Observation
    }

/**
 * What the panel knows of a server now. An agent sends its host when it connects and its first
 * status one report interval later: in between host is there and last_active still never
 * (contracts/nezha.md 1.3). After it went, the last values stay frozen.
 */
export function observe(agent: Agent, now: number): Observation {
  if (agent.kind === 'none') return unseen
  if (agent.kind === 'frozen') return agent
  const {machine, connectedAt, disconnectedAt = Number.POSITIVE_INFINITY, reportEverySeconds} = agent
  if (now < connectedAt) return unseen
  const interval = reportEverySeconds * 1000
  const reports = Math.floor((Math.min(now, disconnectedAt) - connectedAt) / interval)
  const {host, ipv4, ipv6} = machine
  if (reports < 1) return {...(agent.previous ?? unseen), host, ipv4, ipv6}
  const lastActive = Math.floor((connectedAt + reports * interval) / 1000)
  return {
    host,
    ipv4,
    ipv6,
    lastActive,
    // Only when asked for: a list does not, and of ten thousand servers it takes a while.
    get status() {
      return statusAt(machine, lastActive)
    },
  }
}

/**
 * The status of a machine at a second: sums of slow waves, so that two answers in a row look like
 * one machine, and transfer counters that are the integral of the speeds, so that they only grow.
 */
function statusAt({host, seed, fixed}: Machine, second: number): NezhaStatus {
  const uptime = Math.max(0, second - host.BootTime)
  const cores = Number(/(\d+) (?:Virtual|Physical) Core/.exec(host.CPU?.[0] ?? '')?.[1] ?? 1)
  const busy = (0.05 + 0.45 * noise(seed, 1)) * (1 + 0.6 * wave(second, seed, 2, 97))
  const incoming = traffic(uptime, seed, 3)
  const outgoing = traffic(uptime, seed, 4)
  const load = busy * cores
  const moving: NezhaStatus = {
    CPU: round(Math.min(100, busy * 100 + 3 * noise(seed, second)), 4),
    MemUsed: share(host.MemTotal, 0.25 + 0.5 * noise(seed, 5) + 0.04 * wave(second, seed, 6, 611)),
    SwapUsed: share(host.SwapTotal, 0.1 * noise(seed, 7)),
    DiskUsed: share(host.DiskTotal, 0.2 + 0.55 * noise(seed, 8) + uptime * 1e-10),
    NetInTransfer: incoming.total,
    NetOutTransfer: outgoing.total,
    NetInSpeed: incoming.speed,
    NetOutSpeed: outgoing.speed,
    Uptime: uptime,
    Load1: round(load * (1 + 0.3 * wave(second, seed, 9, 61)), 2),
    Load5: round(load * (1 + 0.2 * wave(second, seed, 9, 307)), 2),
    Load15: round(load * (1 + 0.1 * wave(second, seed, 9, 907)), 2),
    TcpConnCount: Math.round(20 + 200 * noise(seed, 10) * (1 + 0.3 * wave(second, seed, 11, 131))),
    UdpConnCount: Math.round(12 * noise(seed, 12)),
    ProcessCount: Math.round(80 + 120 * noise(seed, 13) + 4 * wave(second, seed, 14, 173)),
    // An agent sends neither unless it was told to; here those with a GPU were.
    Temperatures: host.GPU
      ? [
          {Name: 'coretemp_package_id_0', Temperature: Math.round(40 + 30 * busy)},
          {Name: 'nvme_composite', Temperature: round(36 + 3 * wave(second, seed, 15, 401), 2)},
        ]
      : null,
    GPU: host.GPU ? round(30 + 25 * wave(second, seed, 16, 233), 1) : 0,
  }
  return fixed ? {...moving, ...fixed} : moving
}

function share(total: Counter, part: number): number {
  return Math.floor(Number(total) * Math.min(0.99, part))
}

function round(value: number, digits: number): number {
  const scale = 10 ** digits
  return Math.round(value * scale) / scale
}
