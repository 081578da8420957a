import {noise} from './random.js'

// Machines that exist nowhere: each is made out of one number, and its figures move with the clock. The same at the same
// second for ever, and different from machine to machine; every panel shows them in its own names.

const models = [
  'Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz',
  'AMD EPYC 7543 32-Core Processor',
  'Ampere Altra',
  'AMD Ryzen 9 5950X 16-Core Processor',
]

const systems = [
  {platform: 'debian', release: '12.11', os: 'Debian GNU/Linux 12 (bookworm)', kernel: '6.1.0-18-amd64'},
  {platform: 'ubuntu', release: '24.04', os: 'Ubuntu 24.04 LTS', kernel: '6.8.0-31-generic'},
  {platform: 'alpine', release: '3.20.3', os: 'Alpine Linux v3.20', kernel: '6.6.31-0-virt'},
  {platform: 'rocky', release: '9.4', os: 'Rocky Linux 9.4', kernel: '5.14.0-427.el9.x86_64'},
] as const

const gigabyte = 1024 ** 3

/** What an agent finds out about the machine of this number. */
export function hardwareOf(seed: number) {
  const pick = <Item>(items: readonly Item[], use: number) =>
    items[Math.floor(noise(seed, use) * items.length)] as Item
  const cores = pick([1, 2, 4, 8, 16], 103)
  const memory = cores * pick([1, 2, 4], 104) * gigabyte
  const model = pick(models, 101)
  return {
    model,
    isArm: model.startsWith('Ampere'),
    system: pick(systems, 102),
    cores,
    /** Bytes, as swap and disk. */
    memory,
    swap: noise(seed, 106) < 0.5 ? 0 : gigabyte,
    disk: memory * 20,
    // 198.18.0.0/15 is never anyone's: benchmarking.
    address: `198.18.${(seed >>> 8) & 255}.${seed & 255}`,
  }
}

/** When it was booted, in milliseconds since 1970: some days before the given moment. */
export function bootTimeOf(seed: number, now: number): number {
  return now - (2 + 90 * noise(seed, 105)) * 86_400_000
}

/** What decides the figures of a machine. */
export interface Machine {
  readonly cores: number
  /** In whatever unit, as swap and disk. */
  readonly memory: number
  readonly swap: number
  readonly disk: number
  /** Milliseconds since 1970. */
  readonly bootedAt: number
  /** The same number, the same curves. */
  readonly seed: number
}

/**
 * The figures of a machine at a moment (milliseconds since 1970): sums of slow waves, so that two answers in a row look
 * like one machine, and counters of traffic that are the integral of the speeds, so that they only grow. Percent, bytes
 * a second, bytes and seconds.
 */
export function figuresOf({seed, cores, memory, swap, disk, bootedAt}: Machine, at: number) {
  const second = at / 1000
  const uptime = Math.max(0, Math.floor((at - bootedAt) / 1000))
  const busy = (0.05 + 0.45 * noise(seed, 1)) * (1 + 0.6 * wave(second, seed, 2, 97))
  const load = busy * cores
  return {
    uptime,
    busy,
    // The shape of a measured percentage: more digits than anybody reads.
    cpu: Math.min(100, busy * 100 + 3 * noise(seed, Math.floor(second))),
    memory: share(memory, 0.25 + 0.5 * noise(seed, 5) + 0.04 * wave(second, seed, 6, 611)),
    swap: share(swap, 0.1 * noise(seed, 7)),
    disk: share(disk, 0.2 + 0.55 * noise(seed, 8) + uptime * 1e-10),
    load1: rounded(load * (1 + 0.3 * wave(second, seed, 9, 61)), 2),
    load5: rounded(load * (1 + 0.2 * wave(second, seed, 9, 307)), 2),
    load15: rounded(load * (1 + 0.1 * wave(second, seed, 9, 907)), 2),
    incoming: traffic(uptime, seed, 3),
    outgoing: traffic(uptime, seed, 4),
    tcp: Math.round(20 + 200 * noise(seed, 10) * (1 + 0.3 * wave(second, seed, 11, 131))),
    udp: Math.round(12 * noise(seed, 12)),
    processes: Math.round(80 + 120 * noise(seed, 13) + 4 * wave(second, seed, 14, 173)),
  }
}

/** Percent: how busy the graphics card of this place is. */
export function cardUsage(seed: number, at: number, index = 0): number {
  return Math.round(45 + 40 * wave(at / 1000, seed, 20 + index, 233))
}

/** Between -1 and 1, with a phase of its own for each machine and use. */
function wave(second: number, seed: number, use: number, period: number): number {
  return Math.sin((second / period + noise(seed, use)) * 2 * Math.PI)
}

/** Bytes a second now, and bytes since the machine started, which is the sum of it: `uptime` in seconds. */
function traffic(uptime: number, seed: number, use: number): {speed: number; total: number} {
  const mean = 2000 + 400_000 * noise(seed, use) ** 2
  const turn = (2 * Math.PI) / 149
  const phase = 2 * Math.PI * noise(seed, use, 1)
  const swing = (Math.cos(phase) - Math.cos(turn * uptime + phase)) / turn
  return {
    speed: Math.round(mean * (1 + 0.7 * Math.sin(turn * uptime + phase))),
    total: Math.round(mean * (uptime + 0.7 * swing)),
  }
}

function share(total: number, part: number): number {
  return Math.floor(total * Math.min(0.99, part))
}

export function rounded(value: number, digits: number): number {
  const scale = 10 ** digits
  return Math.round(value * scale) / scale
}

/** Somebody on a machine who reports every so often between two moments (milliseconds since 1970). */
export interface Reporting {
  readonly connectedAt: number
  readonly disconnectedAt?: number
  readonly reportEverySeconds: number
}

/** The moments of the reports within a span, oldest first; the first report comes one interval after connecting. */
export function reportTimes(reporting: Reporting, from: number, until: number): number[] {
  const {connectedAt, disconnectedAt = Number.POSITIVE_INFINITY, reportEverySeconds} = reporting
  const interval = reportEverySeconds * 1000
  const last = Math.floor((Math.min(until, disconnectedAt) - connectedAt) / interval)
  const first = Math.max(1, Math.ceil((from - connectedAt) / interval))
  return Array.from(
    {length: Math.max(0, last - first + 1)},
    (_, index) => connectedAt + (first + index) * interval,
  )
}

/** The last report until a moment; `undefined` before the first. */
export function lastReportAt(reporting: Reporting, now: number): number | undefined {
  const until = Math.min(now, reporting.disconnectedAt ?? now)
  return reportTimes(reporting, until - reporting.reportEverySeconds * 1000 + 1, until).at(-1)
}
