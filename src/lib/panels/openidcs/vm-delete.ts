import {PanelctlError, reworded} from '../../errors.js'
import type {Api} from '../../http/client.js'
import {shellWord} from '../../shell-word.js'
import {deleteVm} from './endpoints.js'
import {readPlace, refuseDisabled, refuseMistakable, requireVm} from './places.js'
import type {VmNames} from './vm-power.js'

/**
 * Deletes a VM: one request, never a second one, which may hit another VM (contracts/openidcs.md trap 27). Where the
 * answer leaves it open, what the panel lists afterwards is said.
 * @throws PanelctlError NOT_FOUND, REJECTED also where the panel refused and removed it all the same, UNCERTAIN
 */
export async function removeVm(
  api: Api,
  names: VmNames,
  {force, warn}: {readonly force: boolean; warn(text: string): void},
): Promise<void> {
  const place = await readPlace(api, names.host)
  requireVm(place, names.vm)
  refuseDisabled(place)
  refuseMistakable(place, names.vm, {force})
  try {
    await api(deleteVm, {path: names})
  } catch (error) {
    if (!(error instanceof PanelctlError)) throw error
    if (error.code !== 'REJECTED' && error.code !== 'UNCERTAIN') throw error
    const isThere = await isListed(api, names)
    if (isThere === undefined) throw error
    if (error.code === 'REJECTED') throw refused(error, names, isThere)
    if (isThere) throw error
    warn(`no usable answer came, but the panel does not list ${names.vm} any more`)
  }
}

/** Undefined where that cannot be found out. */
async function isListed(api: Api, {host, vm}: VmNames): Promise<boolean | undefined> {
  try {
    return (await readPlace(api, host)).names.includes(vm)
  } catch {
    return undefined
  }
}

/** When VMware refuses, cannot be reached or does not know the VM, the panel says no and removes it (2.3 no. 21). */
function refused(error: PanelctlError, {host, vm}: VmNames, isThere: boolean): PanelctlError {
  if (isThere) {
    return reworded(error, {
      message: `${error.message}; ${vm} is still listed`,
      hint: error.hint ?? `panelctl openidcs vm show ${shellWord(host)} ${shellWord(vm)}`,
    })
  }
  return reworded(error, {
    message: `${error.message}; it has removed its entry of ${vm} all the same, and probably the files`,
    hint: 'look whether the hypervisor still lists or runs it',
  })
}
