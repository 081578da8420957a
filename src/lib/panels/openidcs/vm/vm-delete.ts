import {type PanelctlError, reworded} from '../../../errors.js'
import {panelctl} from '../../../hint.js'
import type {Api} from '../../../http/client.js'
import {deleteVm} from '../endpoints.js'
import {askingHypervisor} from '../hypervisor-hint.js'
import type {VmNames} from '../machine-arguments.js'
import {afterLook, settle} from '../settle.js'
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
  await settle({
    claim: `deleted ${names.vm}`,
    send: () => api(deleteVm, {path: names}),
    look: async () => (await readVmsOfHost(api, names.host)).names.includes(names.vm),
    isDone: (isThere, failure) => !isThere || (isWaitedFor && !failure ? undefined : false),
    done: `the panel does not list ${names.vm} any more`,
    otherwise: () => `${names.vm} is still listed`,
    lookWith: panelctl('openidcs vm list', [names.host]),
    looksAfter: failure => failure?.code !== 'NOT_FOUND',
    refused: (failure, isGone) => refusedDeletion(failure, names, isGone),
    warn,
  })
}

/** When VMware refuses, cannot be reached or does not know the VM, the panel says no and removes it (2.3 no. 21). */
function refusedDeletion(
  error: PanelctlError,
  {host, vm}: VmNames,
  isGone: boolean | undefined,
): PanelctlError {
  if (isGone)
    return reworded(error, {
      message: `${error.message}; it has removed its entry of ${vm} all the same, and probably the files`,
      hint: 'look whether the hypervisor still lists or runs it',
    })
  const asking = askingHypervisor(error, host, {vm})
  const shown = panelctl('openidcs vm show', [host, vm])
  return isGone === undefined ? asking : afterLook(asking, `${vm} is still listed`, shown)
}
