import {ago, list, type Tone, type TypedCell} from '../../../output/cell.js'
import type {Columns} from '../../../output/columns.js'
import {fieldColumns} from '../field-columns.js'
import {statusFields, vmFields} from '../fields.js'
import {fieldsOf, numberOf, textOf} from '../loose-values.js'
import type {Vm} from '../schemas.js'
import type {Report} from './vm-status.js'
import {powerOf} from './vms.js'

const tones = new Map<string, Tone>([
  ['STARTED', 'good'],
  ['STOPPED', 'dim'],
  ['SUSPEND', 'warn'],
  ['CRASHED', 'bad'],
  ['UNKNOWN', 'dim'],
])

/** A power state (contracts/openidcs.md 3.5) as the panel spells it; what is on the way to one is yellow. */
export function power(word: string | null): TypedCell {
  if (word === null) return {raw: null, text: () => '-'}
  return {raw: word, text: () => word, tone: tones.get(word) ?? 'warn'}
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
  ...fieldColumns<Vm>(vmFields, 'list', ({config}) => config),
  addresses: vm => list(addressesOf(vm)),
}

export const vmPageColumns: Columns<Vm> = {
  ...vmColumns,
  ...fieldColumns<Vm>(vmFields, 'page', ({config}) => config),
}

/** What a VM's agent reported, the power as newer versions know it themselves where they tell. */
export const reportColumns: Columns<Report> = {
  state: report => power(textOf(report.power_status) ?? textOf(report.ac_status)),
  ...fieldColumns<Report>(statusFields, 'list', measured),
  // 0 is never; older versions do not tell (contracts/openidcs.md 3.4).
  reported: lastReport,
}

/** A record that is zero all through measured nothing: c5ee1c9 makes one up, and newer ones of a machine that is off (2.3 no. 23). */
function measured(report: Report): Partial<Report> {
  const amounts = [report.cpu_usage, report.mem_usage, report.mem_total, report.hdd_usage, report.hdd_total]
  return amounts.some(amount => numberOf(amount)) ? report : {}
}

function lastReport({on_update}: Report): TypedCell {
  const seconds = numberOf(on_update)
  return ago(seconds ? new Date(seconds * 1000) : seconds === null ? new Date(Number.NaN) : null)
}
