import {ago, list, yesNo} from '../../../output/cell.js'
import type {Columns} from '../../../output/columns.js'
import {fieldColumns} from '../field-columns.js'
import {hostFields, hostStatusFields} from '../fields.js'
import {fieldsOf, numberOf, textOf} from '../loose-values.js'
import type {Host, HostDetail, HostStatus} from '../schemas.js'
import {power} from '../vm/vm-columns.js'
import {isEnabled} from './hosts.js'

export const hostColumns: Columns<Host> = {
  name: host => host.name,
  type: host => textOf(host.type),
  address: host => textOf(host.addr),
  enabled: host => yesNo(isEnabled(host)),
  vms: host => host.vm_count,
}

type Measured = Pick<HostStatus, 'status'>

/** HWStatus (contracts/openidcs.md 3.4): MB and percent; nothing of it where nothing was measured. */
const machineColumns: Columns<Measured> = {
  state: ({status}) => power(textOf(fieldsOf(status).ac_status)),
  ...fieldColumns(hostStatusFields, 'list', measuredFields),
}

function measuredFields({status}: Measured) {
  return fieldsOf(status)
}

export const hostStatusColumns: Columns<HostStatus> = {
  ...machineColumns,
  ...fieldColumns(hostStatusFields, 'page', measuredFields),
  measured: ({cached_at}) => ago(dateOf(cached_at)),
  source: ({source}) => textOf(source),
}

/** 0 is never (2.2 no. 11). */
function dateOf(seconds: unknown): Date | null {
  const value = numberOf(seconds)
  return value ? new Date(value * 1000) : null
}

/** `last_updated` is of the time before, where the figures are new (contracts/openidcs.md 2.2 no. 11): they tell it, if the version does. */
function measuredAt({status, status_source, last_updated}: HostDetail): Date | null {
  if (status_source !== 'fresh') return dateOf(last_updated)
  return dateOf(fieldsOf(status).on_update) ?? new Date(Number.NaN)
}

export const hostPageColumns: Columns<HostDetail> = {
  name: host => host.name,
  type: host => textOf(host.type),
  address: host => textOf(host.addr),
  enabled: host => yesNo(isEnabled(host)),
  vms: host => host.vm_count,
  vm_names: host => list(host.vm_list?.toSorted()),
  ...fieldColumns<HostDetail>(hostFields, 'page', ({config}) => config),
  measured: host => ago(measuredAt(host)),
  // A failed measuring is no failure of the answer (2.2 no. 11).
  status: ({status_source, status_error}) =>
    [textOf(status_source), textOf(status_error)].filter(text => text !== null).join(': ') || null,
  ...machineColumns,
}
