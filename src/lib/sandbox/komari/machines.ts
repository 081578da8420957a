import {noise} from '../random.js'
import type {NodeColumns} from './node.js'
import type {Machine} from './report.js'

const gigabyte = 1024 ** 3
const models = [
  'Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz',
  'AMD EPYC 7543 32-Core Processor',
  'Ampere Altra',
  'AMD Ryzen 9 5950X 16-Core Processor',
]
const systems = [
  ['Debian GNU/Linux 12 (bookworm)', '6.1.0-18-amd64'],
  ['Ubuntu 24.04 LTS', '6.8.0-31-generic'],
  ['Alpine Linux v3.20', '6.6.31-0-virt'],
  ['Rocky Linux 9.4', '5.14.0-427.el9.x86_64'],
] as const

type Hardware = Pick<
  NodeColumns,
  | 'cpu_name'
  | 'virtualization'
  | 'arch'
  | 'cpu_cores'
  | 'cpu_physical_cores'
  | 'os'
  | 'kernel_version'
  | 'gpu_name'
  | 'ipv4'
  | 'mem_total'
  | 'swap_total'
  | 'disk_total'
  | 'version'
>

/** What an agent uploads of a machine that is made out of one number. */
export function hardwareFor(seed: number): Hardware {
  const pick = <Item>(items: readonly Item[], use: number) =>
    items[Math.floor(noise(seed, use) * items.length)] as Item
  const model = pick(models, 101)
  const [os, kernel] = pick(systems, 102)
  const cores = pick([1, 2, 4, 8, 16], 103)
  const memory = cores * pick([1, 2, 4], 104)
  return {
    cpu_name: model,
    virtualization: 'kvm',
    arch: model.startsWith('Ampere') ? 'arm64' : 'amd64',
    cpu_cores: cores,
    cpu_physical_cores: Math.max(1, cores / 2),
    os,
    kernel_version: kernel,
    gpu_name: 'None',
    // 198.18.0.0/15 is never anyone's: benchmarking.
    ipv4: `198.18.${(seed >>> 8) & 255}.${seed & 255}`,
    mem_total: memory * gigabyte,
    swap_total: noise(seed, 106) < 0.5 ? 0 : gigabyte,
    disk_total: memory * 20 * gigabyte,
    version: '1.2.60',
  }
}

/** The moving side of a node's hardware, booted some days before the given moment (milliseconds since 1970). */
export function machineFor(node: NodeColumns, seed: number, now: number): Machine {
  return {
    cores: Math.max(1, node.cpu_cores),
    memory: node.mem_total,
    swap: node.swap_total,
    disk: node.disk_total,
    bootedAt: now - (2 + 90 * noise(seed, 105)) * 86_400_000,
    gpus: node.gpu_name === '' || node.gpu_name === 'None' ? [] : [node.gpu_name, node.gpu_name],
    message: '',
    seed,
  }
}
