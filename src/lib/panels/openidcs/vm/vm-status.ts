import * as z from 'zod/mini'
import {PanelctlError} from '../../../errors.js'
import type {Api} from '../../../http/client.js'
import {showVmStatus} from '../endpoints.js'
import type {VmNames} from '../machine-arguments.js'
import {type Hardware, hardware} from '../schemas.js'
import {askOfVm, readVmsOfHost, requireVm} from '../vms-of-host.js'
import {readVms} from './vms.js'

/** What a VM reported once; the last one has `power_status` where the version tells it. */
export type Report = Hardware & {readonly power_status?: string}

/** The record that c5ee1c9 makes up where it has none, for VMs that there are not as well (contracts/openidcs.md 2.3 no. 23). */
function isMadeUp(history: readonly Hardware[]): boolean {
  return history.length === 0 || (history.length === 1 && history[0]?.ac_status === 'UNKNOWN')
}

/**
 * What a VM reported, the oldest first, as an array on every version. Since v0.5 the panel tells the power beside the
 * reports: it goes into the last one, and without any it is a record of its own, as c5ee1c9 makes one up.
 * @throws PanelctlError NOT_FOUND also where the panel answers for a VM that there is not
 */
export async function readStatus(api: Api, names: VmNames): Promise<Report[]> {
  const answer = await askStatus(api, names)
  if (Array.isArray(answer)) {
    if (isMadeUp(answer)) requireVm(await readVmsOfHost(api, names.host), names.vm)
    return answer
  }
  const {power_status, history} = answer
  const last = history.at(-1) ?? z.parse(hardware, {ac_status: power_status})
  return [...history.slice(0, -1), {...last, power_status}]
}

async function askStatus(api: Api, names: VmNames): Promise<z.infer<typeof showVmStatus.result>> {
  try {
    return await askOfVm(api, names, () => api(showVmStatus, {path: names}))
  } catch (error) {
    // 7a36e7e answers so as soon as there is a report, and c5ee1c9 after a restart; the list has them too (2.3 no. 23).
    if (!(error instanceof PanelctlError) || error.status !== 500) throw error
    const vm = (await readVms(api, names.host)).find(({uuid}) => uuid === names.vm)
    if (!vm) throw error
    return vm.status
  }
}
