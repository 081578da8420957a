import {cardUsage, figuresOf, type Machine} from '../machine.js'
import {formatNano, type Instant, instantAt} from './instant.js'
import type {NodeColumns} from './node.js'

/** A report in which nothing is said, by the panel's own names: bytes, bytes/s, percent, seconds (contracts/komari.md 1.8). */
export const emptyMetrics = {
  cpu: {usage: 0},
  ram: {total: 0, used: 0},
  swap: {total: 0, used: 0},
  load: {load1: 0, load5: 0, load15: 0},
  disk: {total: 0, used: 0},
  network: {up: 0, down: 0, totalUp: 0, totalDown: 0},
  connections: {tcp: 0, udp: 0},
  uptime: 0,
  process: 0,
  /** Warnings of the agent, one a line. */
  message: '',
}

/** What an agent says of its machine. */
export type Metrics = typeof emptyMetrics & {readonly gpu?: ReturnType<typeof gpuReport>}

export interface Report extends Metrics {
  /** When the panel got it. */
  readonly at: Instant
  /** It came by POST: before 1.2.5 only such a one names its node on `/api/recent` (contracts/komari.md 1.14). */
  readonly posted?: boolean
}

/** A machine as its agent sees it. */
export interface AgentMachine extends Machine {
  /** Names of graphics cards; an agent reports them with `--gpu` only. */
  readonly gpus: readonly string[]
  /** Values that stay as they are, in place of the moving ones. */
  readonly fixed?: Partial<Metrics>
}

/** The machine that a node of these columns runs on. */
export function machineOf(node: NodeColumns, seed: number, bootedAt: number): AgentMachine {
  return {
    cores: Math.max(1, node.cpu_cores),
    memory: node.mem_total,
    swap: node.swap_total,
    disk: node.disk_total,
    bootedAt,
    gpus: node.gpu_name === '' || node.gpu_name === 'None' ? [] : [node.gpu_name, node.gpu_name],
    seed,
  }
}

/** The report of a machine at a moment (milliseconds since 1970). */
export function reportOf(machine: AgentMachine, at: number): Report {
  const {cpu, memory, swap, disk, incoming, outgoing, ...figures} = figuresOf(machine, at)
  return {
    at: instantAt(at),
    cpu: {usage: cpu},
    ram: {total: machine.memory, used: memory},
    swap: {total: machine.swap, used: swap},
    load: {load1: figures.load1, load5: figures.load5, load15: figures.load15},
    disk: {total: machine.disk, used: disk},
    network: {
      up: outgoing.speed,
      down: incoming.speed,
      totalUp: outgoing.total,
      totalDown: incoming.total,
    },
    connections: {tcp: figures.tcp, udp: figures.udp},
    ...(machine.gpus.length > 0 && {gpu: gpuReport(machine, at)}),
    uptime: figures.uptime,
    process: figures.processes,
    message: '',
    ...machine.fixed,
  }
}

function gpuReport({gpus, seed}: AgentMachine, at: number) {
  const gigabyte = 1024 ** 3
  const devices = gpus.map((name, index) => {
    const utilization = cardUsage(seed, at, index)
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
