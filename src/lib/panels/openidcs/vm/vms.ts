import type {Api} from '../../../http/client.js'
import {compareNatural} from '../../../output/natural.js'
import {listVms} from '../endpoints.js'
import {actOnHost} from '../host/hosts.js'
import {textOf} from '../loose-values.js'
import type {Hardware, Vm} from '../schemas.js'

/**
 * The VMs of a host by name. The panel gives an object whose order says nothing (contracts/openidcs.md trap 12), and
 * whose key is the name: `config.vm_uuid` of an imported VM is empty (trap 10).
 * @throws PanelctlError NOT_FOUND with the nearest names of hosts
 */
export async function readVms(api: Api, host: string): Promise<Vm[]> {
  const vms = await actOnHost(api, host, () => api(listVms, {path: {host}}))
  return Object.entries(vms)
    .map(([uuid, vm]) => ({...vm, uuid}))
    .toSorted((one, other) => compareNatural(one.uuid, other.uuid))
}

/** The latest of what a VM reported; the records are the oldest first (2.3 no. 23). */
export function latestOf(history: readonly Hardware[]): Hardware | undefined {
  return history.at(-1)
}

/**
 * What is known of the power of a VM: the panel's own flag, which newer versions have, else what its agent reported.
 * A word of 3.5, null where nobody told.
 */
export function powerOf({config, status}: Pick<Vm, 'config' | 'status'>): string | null {
  return textOf(config.vm_flag) ?? textOf(latestOf(status)?.ac_status)
}
