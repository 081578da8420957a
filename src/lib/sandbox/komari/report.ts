import {traffic, wave} from '../motion.js'
import {noise} from '../random.js'
import {formatNano, type Instant, instantAt} from './instant.js'

interface Share {
  readonly total: number
  readonly used: number
}

export interface GpuDevice {
  readonly name: string
  readonly memory_total: number
  readonly memory_used: number
  readonly utilization: number
  readonly temperature: number
}

/** What an agent says of its machine, by the panel's own names: bytes, bytes/s, percent, seconds (contracts/komari.md 1.8). */
export interface Metrics {
  readonly cpu: {readonly usage: number}
  readonly ram: Share
  readonly swap: Share
  readonly load: {readonly load1: number; readonly load5: number; readonly load15: number}
  readonly disk: Share
  readonly network: {
    readonly up: number
    readonly down: number
    readonly totalUp: number
    readonly totalDown: number
  }
  readonly connections: {readonly tcp: number; readonly udp: number}
  readonly gpu?: {
    readonly count: number
    readonly average_usage: number
    readonly detailed_info: readonly GpuDevice[] | null
  }
  readonly uptime: number
  readonly process: number
  readonly message: string
}

export interface Report extends Metrics {
  /** When the panel got it. */
  readonly at: Instant
  /** It came by POST: before 1.2.5 only such a one names its node on `/api/recent` (contracts/komari.md 1.14). */
  readonly posted?: boolean
}

/** A machine whose metrics move with the clock. */
export interface Machine {
  readonly cores: number
  readonly memory: number
  readonly swap: number
  readonly disk: number
  /** Milliseconds since 1970. */
  readonly bootedAt: number
  /** Names of graphics cards; an agent reports them with `--gpu` only. */
  readonly gpus: readonly string[]
  /** Warnings of the agent, one a line. */
  readonly message: string
  /** Decides its load: the same number, the same curves. */
  readonly seed: number
  /** Values that stay as they are, in place of the moving ones. */
  readonly fixed?: Partial<Metrics>
}

/**
 * The report of a machine at a moment (milliseconds since 1970): sums of slow waves, so that two in
 * a row look like one machine, and transfer counters that are the integral of the speeds.
 */
export function reportOf(machine: Machine, at: number): Report {
  const {seed, cores, fixed} = machine
  const second = at / 1000
  const uptime = Math.max(0, Math.floor((at - machine.bootedAt) / 1000))
  const busy = (0.05 + 0.45 * noise(seed, 1)) * (1 + 0.6 * wave(second, seed, 2, 97))
  const load = busy * cores
  const down = traffic(uptime, seed, 3)
  const up = traffic(uptime, seed, 4)
  return {
    at: instantAt(at),
    // The shape of a measured percentage: more digits than anybody reads.
    cpu: {usage: Math.min(100, busy * 100 + 3 * noise(seed, Math.floor(second)))},
    ram: share(machine.memory, 0.25 + 0.5 * noise(seed, 5) + 0.04 * wave(second, seed, 6, 611)),
    swap: share(machine.swap, 0.1 * noise(seed, 7)),
    load: {
      load1: round(load * (1 + 0.3 * wave(second, seed, 9, 61))),
      load5: round(load * (1 + 0.2 * wave(second, seed, 9, 307))),
      load15: round(load * (1 + 0.1 * wave(second, seed, 9, 907))),
    },
    disk: share(machine.disk, 0.2 + 0.55 * noise(seed, 8) + uptime * 1e-10),
    network: {up: up.speed, down: down.speed, totalUp: up.total, totalDown: down.total},
    connections: {
      tcp: Math.round(20 + 200 * noise(seed, 10) * (1 + 0.3 * wave(second, seed, 11, 131))),
      udp: Math.round(12 * noise(seed, 12)),
    },
    ...(machine.gpus.length > 0 && {gpu: gpuReport(machine, second)}),
    uptime,
    process: Math.round(80 + 120 * noise(seed, 13) + 4 * wave(second, seed, 14, 173)),
    message: machine.message,
    ...fixed,
  }
}

function gpuReport({gpus, seed}: Machine, second: number): NonNullable<Metrics['gpu']> {
  const gigabyte = 1024 ** 3
  const devices = gpus.map((name, index) => {
    const utilization = Math.round(45 + 40 * wave(second, seed, 20 + index, 233))
    return {
      name,
      memory_total: 24 * gigabyte,
      memory_used: (2 + 6 * index) * gigabyte,
      utilization,
      temperature: 40 + Math.round(utilization * 0.4),
    }
  })
  const sum = devices.reduce((total, {utilization}) => total + utilization, 0)
  return {count: devices.length, average_usage: sum / devices.length, detailed_info: devices}
}

function share(total: number, part: number): Share {
  return {total, used: Math.floor(total * Math.min(0.99, Math.max(0, part)))}
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

/** Where a report is shown; the places differ in two fields (contracts/komari.md 1.8, 1.11, 1.13 no. 26). */
export type ReportPlace = 'feed' | {readonly uuid: string; readonly always: boolean}

/** A report as `/api/recent` (with its uuid) or the live feed shows it. */
export function renderReport(report: Report, place: ReportPlace): Record<string, unknown> {
  const {at, posted, cpu, gpu, uptime, process, message, ...rest} = report
  const usage = cpu.usage === 0 && place === 'feed' ? 0.01 : cpu.usage
  return {
    ...(place !== 'feed' && (place.always || posted) && {uuid: place.uuid}),
    // The panel leaves a usage of exactly 0 out.
    cpu: usage === 0 ? {} : {usage},
    ...rest,
    ...(gpu && {gpu}),
    uptime,
    process,
    message,
    updated_at: formatNano(at),
  }
}
