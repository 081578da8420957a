import type {Counter} from '../go/json.js'
import {
  bootTimeOf,
  cardUsage,
  figuresOf,
  hardwareOf,
  lastReportAt,
  type Reporting,
  rounded,
} from '../machine.js'

/**
 * What an agent tells about its machine, by the panel's own names and in the order of its JSON (contracts/nezha.md 1.4):
 * a machine without an agent, or one that never reported, has this.
 */
export const emptyHost = {
  Platform: '',
  PlatformVersion: '',
  CPU: null as readonly string[] | null,
  MemTotal: 0 as Counter,
  DiskTotal: 0 as Counter,
  SwapTotal: 0 as Counter,
  Arch: '',
  Virtualization: '',
  /** Unix seconds. */
  BootTime: 0,
  CountryCode: '',
  Version: '',
  GPU: null as readonly string[] | null,
}

export type NezhaHost = Readonly<typeof emptyHost>

/** What an agent reports every few seconds; bytes, bytes/s, percent, seconds. */
export const emptyStatus = {
  CPU: 0,
  MemUsed: 0 as Counter,
  SwapUsed: 0 as Counter,
  DiskUsed: 0 as Counter,
  NetInTransfer: 0 as Counter,
  NetOutTransfer: 0 as Counter,
  NetInSpeed: 0 as Counter,
  NetOutSpeed: 0 as Counter,
  Uptime: 0 as Counter,
  Load1: 0,
  Load5: 0,
  Load15: 0,
  TcpConnCount: 0 as Counter,
  UdpConnCount: 0 as Counter,
  ProcessCount: 0 as Counter,
  Temperatures: null as ReadonlyArray<{readonly Name: string; readonly Temperature: number}> | null,
  GPU: 0,
}

export type NezhaStatus = Readonly<typeof emptyStatus>

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

const unseen: Observation = {
  host: emptyHost,
  status: emptyStatus,
  lastActive: neverActive,
  ipv4: '',
  ipv6: '',
}

/** A machine as its agent sees it. */
export interface AgentMachine {
  readonly host: NezhaHost
  readonly ipv4: string
  readonly ipv6: string
  /** Decides its load: the same number, the same curves. */
  readonly seed: number
  /** Values that stay as they are, in place of the moving ones. */
  readonly fixed?: Partial<NezhaStatus>
}

/**
 * A whole machine out of one number, booted some days before the given moment (milliseconds since 1970), with an agent of
 * this version.
 */
export function machineFor(seed: number, now: number, version = '0.20.5'): AgentMachine {
  const {system, model, cores, memory, swap, disk, isArm, address} = hardwareOf(seed)
  const host: NezhaHost = {
    Platform: system.platform,
    PlatformVersion: system.release,
    CPU: [`${model} ${cores} Virtual Core`],
    MemTotal: memory,
    DiskTotal: disk,
    SwapTotal: swap,
    Arch: isArm ? 'aarch64' : 'x86_64',
    Virtualization: 'kvm',
    BootTime: Math.floor(bootTimeOf(seed, now) / 1000),
    CountryCode: '',
    Version: version,
    GPU: null,
  }
  return {host, seed, ipv4: address, ipv6: ''}
}

/** The agent on a server, as the panel sees it come and go. */
export type Agent =
  /** Never connected. */
  | {readonly kind: 'none'}
  /** Said this once, and nothing since: a value for tests. */
  | ({readonly kind: 'frozen'} & Observation)
  | ({
      readonly kind: 'machine'
      readonly machine: AgentMachine
      /** What an earlier connection left behind; shown until the first report of this one. */
      readonly previous?: Observation
    } & Reporting)

/**
 * What the panel knows of a server now. An agent sends its host when it connects and its first
 * status one report interval later: in between host is there and last_active still never
 * (contracts/nezha.md 1.3). After it went, the last values stay frozen.
 */
export function observe(agent: Agent, now: number): Observation {
  if (agent.kind === 'none') return unseen
  if (agent.kind === 'frozen') return agent
  if (now < agent.connectedAt) return unseen
  const {host, ipv4, ipv6} = agent.machine
  const reportedAt = lastReportAt(agent, now)
  if (reportedAt === undefined) return {...(agent.previous ?? unseen), host, ipv4, ipv6}
  const lastActive = Math.floor(reportedAt / 1000)
  return {
    host,
    ipv4,
    ipv6,
    lastActive,
    // Only when asked for: a list does not, and of ten thousand servers it takes a while.
    get status() {
      return statusAt(agent.machine, lastActive * 1000)
    },
  }
}

/** The status of a machine at a moment, in milliseconds since 1970. */
function statusAt({host, seed, fixed}: AgentMachine, at: number): NezhaStatus {
  const cores = Number(/(\d+) (?:Virtual|Physical) Core/.exec(host.CPU?.[0] ?? '')?.[1] ?? 1)
  const [memory, swap, disk] = [host.MemTotal, host.SwapTotal, host.DiskTotal].map(Number) as [
    number,
    number,
    number,
  ]
  const machine = {seed, cores, memory, swap, disk, bootedAt: host.BootTime * 1000}
  const {incoming, outgoing, busy, ...figures} = figuresOf(machine, at)
  return {
    CPU: rounded(figures.cpu, 4),
    MemUsed: figures.memory,
    SwapUsed: figures.swap,
    DiskUsed: figures.disk,
    NetInTransfer: incoming.total,
    NetOutTransfer: outgoing.total,
    NetInSpeed: incoming.speed,
    NetOutSpeed: outgoing.speed,
    Uptime: figures.uptime,
    Load1: figures.load1,
    Load5: figures.load5,
    Load15: figures.load15,
    TcpConnCount: figures.tcp,
    UdpConnCount: figures.udp,
    ProcessCount: figures.processes,
    // An agent sends neither unless it was told to; here those with a GPU were.
    Temperatures: host.GPU
      ? [
          {Name: 'coretemp_package_id_0', Temperature: Math.round(40 + 30 * busy)},
          {Name: 'nvme_composite', Temperature: rounded(36 + 6 * busy, 2)},
        ]
      : null,
    GPU: host.GPU ? cardUsage(seed, at) : 0,
    ...fixed,
  }
}
