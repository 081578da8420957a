import {noise} from '../random.js'
import type {Machine, NezhaHost} from './agent.js'

const gigabyte = 1024 ** 3
const models = [
  'Intel(R) Xeon(R) Platinum 8272CL CPU @ 2.60GHz',
  'AMD EPYC 7B13 64-Core Processor',
  'Ampere Altra',
  'AMD Ryzen 9 5950X 16-Core Processor',
]
const systems = [
  ['debian', '12.11'],
  ['ubuntu', '24.04'],
  ['alpine', '3.20.3'],
  ['rocky', '9.4'],
] as const

/** A whole machine out of one number, booted some days before the given moment (milliseconds since 1970). */
export function machineFor(seed: number, now: number): Machine {
  const pick = <Item>(items: readonly Item[], use: number) =>
    items[Math.floor(noise(seed, use) * items.length)] as Item
  const model = pick(models, 101)
  const [platform, platformVersion] = pick(systems, 102)
  const cores = pick([1, 2, 4, 8, 16], 103)
  const memory = cores * pick([1, 2, 4], 104)
  const days = 1 + 90 * noise(seed, 105)
  const host: NezhaHost = {
    Platform: platform,
    PlatformVersion: platformVersion,
    CPU: [`${model} ${cores} Virtual Core`],
    MemTotal: memory * gigabyte,
    DiskTotal: memory * 20 * gigabyte,
    SwapTotal: noise(seed, 106) < 0.5 ? 0 : gigabyte,
    Arch: model.startsWith('Ampere') ? 'aarch64' : 'x86_64',
    Virtualization: 'kvm',
    BootTime: Math.floor(now / 1000 - days * 86_400),
    CountryCode: '',
    Version: '0.20.5',
    GPU: null,
  }
  const [second, third] = [(seed >>> 8) & 255, seed & 255]
  // 198.18.0.0/15 and 2001:db8::/32 are never anyone's: benchmarking and documentation.
  return {host, seed, ipv4: `198.18.${second}.${third}`, ipv6: ''}
}
