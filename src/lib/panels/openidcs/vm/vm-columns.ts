import {ago, bytes, list, percent, type Tone, type TypedCell} from '../../../output/cell.js'
import type {Columns} from '../../../output/columns.js'
import {bytesOf, fieldsOf, numberOf, textOf} from '../loose-values.js'
import type {Vm} from '../schemas.js'
import type {Report} from './vm-status.js'
import {powerOf} from './vms.js'

const tones: Readonly<Record<string, Tone>> = {
  STARTED: 'good',
  STOPPED: 'dim',
  SUSPEND: 'warn',
  CRASHED: 'bad',
  UNKNOWN: 'dim',
}

/** A power state (contracts/openidcs.md 3.5) as the panel spells it; what is on the way to one is yellow. */
export function power(word: string | null): TypedCell {
  if (word === null) return {raw: null, text: () => '-'}
  return {raw: word, text: () => word, tone: tones[word] ?? 'warn'}
}

/** The IPv4 addresses of the network cards, else the IPv6 ones. */
function addressesOf({config}: Vm): string[] {
  return Object.entries(fieldsOf(config.nic_all))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, card]) => textOf(fieldsOf(card).ip4_addr) ?? textOf(fieldsOf(card).ip6_addr))
    .filter(address => address !== null)
}

export const vmColumns: Columns<Vm> = {
  name: vm => vm.uuid,
  state: vm => power(powerOf(vm)),
  cpus: vm => numberOf(vm.config.cpu_num),
  memory: vm => bytes(bytesOf(vm.config.mem_num)),
  disk: vm => bytes(bytesOf(vm.config.hdd_num)),
  os: vm => textOf(vm.config.os_name),
  addresses: vm => list(addressesOf(vm)),
}

export const vmPageColumns: Columns<Vm> = {
  ...vmColumns,
  cpu_limit: vm => percent(numberOf(vm.config.cpu_per)),
  gpu_memory: vm => bytes(bytesOf(vm.config.gpu_mem)),
  up_mbps: vm => numberOf(vm.config.speed_u),
  down_mbps: vm => numberOf(vm.config.speed_d),
  traffic: vm => bytes(bytesOf(vm.config.flu_num)),
  nat_limit: vm => numberOf(vm.config.nat_num),
  proxy_limit: vm => numberOf(vm.config.web_num),
  console_port: vm => textOf(vm.config.vc_port),
}

/** What a VM's agent reported, the power as newer versions know it themselves where they tell. */
export const reportColumns: Columns<Report> = {
  state: report => power(textOf(report.power_status) ?? textOf(report.ac_status)),
  cpu: report => percent(numberOf(report.cpu_usage)),
  memory: report => bytes(bytesOf(report.mem_usage)),
  memory_total: report => bytes(bytesOf(report.mem_total)),
  disk: report => bytes(bytesOf(report.hdd_usage)),
  disk_total: report => bytes(bytesOf(report.hdd_total)),
  traffic: report => bytes(bytesOf(report.flu_usage)),
  // 0 is never; older versions do not tell (contracts/openidcs.md 3.4).
  reported: reportedAt,
}

function reportedAt({on_update}: Report): TypedCell {
  const seconds = numberOf(on_update)
  return ago(seconds ? new Date(seconds * 1000) : seconds === null ? new Date(Number.NaN) : null)
}
