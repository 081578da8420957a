import {ago, bytes, flag, list, percent} from '../../../output/cell.js'
import type {Columns} from '../../../output/columns.js'
import {bytesOf, fieldsOf, numberOf, textOf} from '../loose-values.js'
import type {Host, HostDetail, HostStatus} from '../schemas.js'
import {power} from '../vm/vm-columns.js'
import {isEnabled} from './hosts.js'

export const hostColumns: Columns<Host> = {
  name: host => host.name,
  type: host => textOf(host.type),
  address: host => textOf(host.addr),
  enabled: host => flag(isEnabled(host)),
  vms: host => host.vm_count,
}

type Measured = Pick<HostStatus, 'status'>

/** HWStatus (contracts/openidcs.md 3.4): MB and percent; nothing of it where nothing was measured. */
const machineColumns: Columns<Measured> = {
  state: ({status}) => power(textOf(fieldsOf(status).ac_status)),
  cpus: ({status}) => numberOf(fieldsOf(status).cpu_total),
  cpu: ({status}) => percent(numberOf(fieldsOf(status).cpu_usage)),
  memory_used: ({status}) => bytes(bytesOf(fieldsOf(status).mem_usage)),
  memory: ({status}) => bytes(bytesOf(fieldsOf(status).mem_total)),
  disk_used: ({status}) => bytes(bytesOf(fieldsOf(status).hdd_usage)),
  disk: ({status}) => bytes(bytesOf(fieldsOf(status).hdd_total)),
}

export const hostStatusColumns: Columns<HostStatus> = {
  ...machineColumns,
  traffic: ({status}) => bytes(bytesOf(fieldsOf(status).flu_usage)),
  cpu_model: ({status}) => textOf(fieldsOf(status).cpu_model),
  measured: ({cached_at}) => ago(dateOf(cached_at)),
  source: ({source}) => textOf(source),
  // MB since the machine started on the seed's server, Mbps since (3.4).
  network_up: {value: ({status}) => numberOf(fieldsOf(status).network_u), hidden: true},
  network_down: {value: ({status}) => numberOf(fieldsOf(status).network_d), hidden: true},
}

/** 0 is never (2.2 no. 11). */
function dateOf(seconds: unknown): Date | null {
  const value = numberOf(seconds)
  return value ? new Date(value * 1000) : null
}

export const hostPageColumns: Columns<HostDetail> = {
  name: host => host.name,
  type: host => textOf(host.type),
  address: host => textOf(host.addr),
  enabled: host => flag(isEnabled(host)),
  vms: host => host.vm_count,
  vm_names: host => list(host.vm_list?.toSorted()),
  images: host => textOf(host.config.images_path),
  disks: host => textOf(host.config.system_path),
  measured: host => ago(dateOf(host.last_updated)),
  // A failed measuring is no failure of the answer (2.2 no. 11).
  status: ({status_source, status_error}) =>
    [textOf(status_source), textOf(status_error)].filter(text => text !== null).join(': ') || null,
  ...machineColumns,
}
