import {mayHaveBeenDone, PanelctlError, reworded} from '../../errors.js'
import {type PanelctlCommand, panelctl} from '../../hint.js'
import type {Api} from '../../http/client.js'
import {deleteVm} from './endpoints.js'
import {type Place, readPlace, refuseDisabled, refuseMistakable, requireVm} from './places.js'
import {asUncertain} from './settle.js'
import type {VmNames} from './vm-power.js'

export interface RemovalOptions {
  /** Sends it although another VM may be hit. */
  readonly force: boolean
  /** Leaves it to whoever waits for it to see that it is gone. */
  readonly isWaitedFor: boolean
  warn(text: string): void
}

/**
 * Deletes a VM: one request, never a second one, which may hit another VM (contracts/openidcs.md trap 27). Whatever
 * the answer is, what the panel lists afterwards decides, as panels say yes also where they removed another one.
 * @throws PanelctlError NOT_FOUND, REJECTED also where the panel refused and removed it all the same, UNCERTAIN also
 * where it is still there or another one is not
 */
export async function removeVm(
  api: Api,
  names: VmNames,
  {force, isWaitedFor, warn}: RemovalOptions,
): Promise<void> {
  const place = await readPlace(api, names.host)
  requireVm(place, names.vm)
  refuseDisabled(place)
  refuseMistakable(place, names.vm, {force})
  let failure: PanelctlError | undefined
  try {
    await api(deleteVm, {path: names})
  } catch (error) {
    if (!(error instanceof PanelctlError)) throw error
    if (error.code !== 'REJECTED' && !mayHaveBeenDone(error)) throw error
    failure = error.code === 'REJECTED' ? error : asUncertain(error, listingHint(names))
  }
  const after = await lookAfter(api, place, names)
  if (after === undefined) {
    if (failure) throw failure
    warn(`the panel says that it deleted ${names.vm}, and cannot be asked what it lists now`)
    return
  }
  if (after.lost.length > 0) throw lostOthers(names, after, failure)
  if (failure?.code === 'REJECTED') throw refused(failure, names, after.isThere)
  if (failure && after.isThere) throw failure
  if (failure) warn(`no usable answer came, but the panel does not list ${names.vm} any more`)
  else if (after.isThere && !isWaitedFor) {
    throw new PanelctlError(
      'UNCERTAIN',
      `the panel says that it deleted ${names.vm}, and lists it all the same`,
      {hint: listingHint(names), panel: 'openidcs'},
    )
  }
}

interface After {
  readonly isThere: boolean
  /** Others that were listed before and are not any more. */
  readonly lost: readonly string[]
}

/** What is listed after the deletion; undefined where that cannot be found out. */
async function lookAfter(api: Api, before: Place, {host, vm}: VmNames): Promise<After | undefined> {
  try {
    const {names} = await readPlace(api, host)
    return {
      isThere: names.includes(vm),
      lost: before.names.filter(name => name !== vm && !names.includes(name)),
    }
  } catch (error) {
    if (error instanceof PanelctlError) return undefined
    throw error
  }
}

function listingHint({host}: VmNames): PanelctlCommand {
  return panelctl('openidcs vm list', [host])
}

/** The panel hit another one (trap 27), or somebody else deleted it at the same time. */
function lostOthers(
  {host, vm}: VmNames,
  {isThere, lost}: After,
  cause: PanelctlError | undefined,
): PanelctlError {
  const others = lost.map(name => `"${name}"`).join(', ')
  return new PanelctlError(
    'UNCERTAIN',
    `after ${vm} was to be deleted, ${host} does not list ${others} any more${isThere ? `, and still lists ${vm}` : ''}: the panel may have deleted another virtual machine`,
    {
      hint: 'look at once what the hypervisor still lists and runs',
      panel: 'openidcs',
      status: cause?.status,
      cause,
    },
  )
}

/** When VMware refuses, cannot be reached or does not know the VM, the panel says no and removes it (2.3 no. 21). */
function refused(error: PanelctlError, {host, vm}: VmNames, isThere: boolean): PanelctlError {
  if (isThere) {
    return reworded(error, {
      message: `${error.message}; ${vm} is still listed`,
      hint: error.hint ?? panelctl('openidcs vm show', [host, vm]),
    })
  }
  return reworded(error, {
    message: `${error.message}; it has removed its entry of ${vm} all the same, and probably the files`,
    hint: 'look whether the hypervisor still lists or runs it',
  })
}
