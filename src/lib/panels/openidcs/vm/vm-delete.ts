import {type PanelctlError, reworded} from '../../../errors.js'
import {panelctl} from '../../../hint.js'
import type {Api} from '../../../http/client.js'
import {deleteVm} from '../endpoints.js'
import {askingHypervisor} from '../hypervisor-hint.js'
import type {VmNames} from '../machine-arguments.js'
import {afterLook, doneAfterAll, lookOnce, notAsSaid, sendOnce} from '../settle.js'
import {readVmsOfHost, refuseDisabled, refuseMistakable, requireVm} from '../vms-of-host.js'

export interface RemovalOptions {
  /** Sends it although another VM may be hit. */
  readonly force: boolean
  /** Leaves it to whoever waits for it to see that it is gone. */
  readonly isWaitedFor: boolean
  warn(text: string): void
}

/**
 * Deletes a VM: one request, never a second one, which may hit another VM (contracts/openidcs.md trap 27). Whatever
 * the answer is, what the panel lists afterwards decides: panels say yes where the VM stays, and no where it is gone
 * (2.3 no. 21).
 * @throws PanelctlError NOT_FOUND, REJECTED also where the panel refused and removed it all the same, UNCERTAIN also
 * where it is still there
 */
export async function removeVm(
  api: Api,
  names: VmNames,
  {force, isWaitedFor, warn}: RemovalOptions,
): Promise<void> {
  const place = await readVmsOfHost(api, names.host)
  requireVm(place, names.vm, 'missing')
  refuseDisabled(place)
  refuseMistakable(place, names.vm, {force})
  const lookWith = panelctl('openidcs vm list', [names.host])
  const {failure} = await sendOnce(() => api(deleteVm, {path: names}))
  if (failure?.code === 'NOT_FOUND') throw failure
  const after = await lookOnce(() => readVmsOfHost(api, names.host))
  if (after === undefined) {
    if (failure) throw failure
    warn(`the panel says that it deleted ${names.vm}, and cannot be asked what it lists now`)
    return
  }
  const isThere = after.names.includes(names.vm)
  if (failure?.code === 'REJECTED') throw refusedDeletion(failure, names, isThere)
  if (failure && isThere) throw failure
  if (failure) warn(doneAfterAll(failure, `the panel does not list ${names.vm} any more`))
  else if (isThere && !isWaitedFor)
    throw notAsSaid(`the panel says that it deleted ${names.vm}, and lists it all the same`, lookWith)
}

/** When VMware refuses, cannot be reached or does not know the VM, the panel says no and removes it (2.3 no. 21). */
function refusedDeletion(error: PanelctlError, {host, vm}: VmNames, isThere: boolean): PanelctlError {
  if (isThere) {
    const shown = panelctl('openidcs vm show', [host, vm])
    return afterLook(askingHypervisor(error, host, {vm}), `${vm} is still listed`, shown)
  }
  return reworded(error, {
    message: `${error.message}; it has removed its entry of ${vm} all the same, and probably the files`,
    hint: 'look whether the hypervisor still lists or runs it',
  })
}
