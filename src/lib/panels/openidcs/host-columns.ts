import {ago, flag, list} from '../../output/cell.js'
import type {Columns} from '../../output/columns.js'
import type {Host, HostDetail} from './schemas.js'
import {textOf} from './values.js'

/** Whether it is enabled: newer versions tell, the seed's server says `active` of every host (contracts/openidcs.md 2.2 no. 10). */
function isEnabled({config, ...host}: Host): boolean | null {
  const value = host.enable_host ?? config.enable_host
  return typeof value === 'boolean' ? value : null
}

export const hostColumns: Columns<Host> = {
  name: host => host.name,
  type: host => textOf(host.type),
  address: host => textOf(host.addr),
  enabled: host => flag(isEnabled(host)),
  vms: host => host.vm_count,
}

export const hostPageColumns: Columns<HostDetail> = {
  name: host => host.name,
  type: host => textOf(host.type),
  address: host => textOf(host.addr),
  enabled: host => flag(isEnabled(host)),
  vms: host => host.vm_count,
  vm_names: host => list(host.vm_list?.toSorted()),
  // 0 is never (2.2 no. 11).
  updated: host => ago(host.last_updated ? new Date(host.last_updated * 1000) : null),
  images: host => textOf(host.config.images_path),
  disks: host => textOf(host.config.system_path),
  status_source: host => textOf(host.status_source),
}
