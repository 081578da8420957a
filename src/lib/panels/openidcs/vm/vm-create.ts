import * as z from 'zod/mini'
import {PanelctlError, reworded, usageError} from '../../../errors.js'
import type {Given} from '../../../flags/given.js'
import {hint, panelctl} from '../../../hint.js'
import type {Client} from '../../../http/client.js'
import type {Unneeded} from '../../../outcome.js'
import {mask} from '../../../output/mask.js'
import {compare, warnOfDeviations} from '../comparison.js'
import {type Configuration, givenFields, merged, refuseContradiction} from '../configuration.js'
import {createVm, showVm} from '../endpoints.js'
import {askingHypervisor} from '../hypervisor-hint.js'
import {numberOf} from '../loose-values.js'
import {refuseUnseen} from '../names.js'
import {openidcs} from '../panel.js'
import {type Vm, vmConfig} from '../schemas.js'
import {ifThere, isAnswered, settle} from '../settle.js'
import {unlessVersion} from '../versions.js'
import {
  hiddenBy,
  imageOf,
  imagesHint,
  isVmware,
  readVmsOfHost,
  refuseDisabled,
  refuseMistakable,
  withImageFile,
} from '../vms-of-host.js'
import {warnOfShared} from './shared-addresses.js'
import {asCopy} from './vm-clone.js'
import {vmShape} from './vm-input.js'

export interface ChangeOptions {
  /** Sends it although another VM may be hit. */
  readonly force: boolean
  warn(text: string): void
}

/**
 * A name that can be created and addressed.
 * @throws PanelctlError USAGE
 */
function nameOf({vm_uuid: name}: Configuration): string {
  // An empty one makes c5ee1c9 delete the folder of all VMs, and the newest invents one (contracts/openidcs.md 2.3 no. 19).
  if (typeof name !== 'string' || name.trim() === '') {
    throw usageError('the virtual machine needs a name', 'give it with --name, or as vm_uuid in the file')
  }
  // Trap 21; and a path with dots is another path.
  if (/[/\\]/.test(name) || name === '.' || name === '..') {
    throw usageError(`"${name}" cannot be a name: the panel could never find it again`)
  }
  refuseUnseen(name)
  return name
}

/** What newer versions want more of than it has (2.3 no. 19). */
function sizesWanted({mem_num: memory, hdd_num: disk}: Configuration, gigabytes: number): string {
  return [
    ...((numberOf(memory) ?? 0) < 1024 ? ['1G of memory'] : []),
    ...((numberOf(disk) ?? 0) < gigabytes * 1024 ? [`${gigabytes}G of disk`] : []),
  ].join(' and ')
}

/**
 * Creates a VM, and gives it as the panel then has it: passwords and ports that it made are not in its answer.
 * @param skips leaves one that is there as it is
 * @throws PanelctlError USAGE for a name that is none, REJECTED for a taken one or one that VMware hosts mistake
 */
export async function createMachine(
  client: Client,
  host: string,
  {
    given,
    force,
    skips,
    warn,
    note,
  }: ChangeOptions & {readonly given: Given; readonly skips: boolean; note(text: string): void},
): Promise<Vm | Unneeded<Vm>> {
  refuseContradiction(given, 'vm_uuid')
  const copy = asCopy(given)
  const body = merged({}, givenFields(vmShape, copy.given, {}))
  const vm = nameOf(body)
  if (copy.left.length > 0) {
    note(`left out of the file, as it belongs to the virtual machine shown there: ${copy.left.join(', ')}`)
  }
  const place = await readVmsOfHost(client.call, host)
  if (place.names.includes(vm)) {
    const words = `there is a virtual machine "${vm}" on ${host} already, and the panel would overwrite it; nothing was sent`
    if (skips) return {result: await client.call(showVm, {path: {host, vm}}), unneeded: words}
    const shown = panelctl('openidcs vm show', [host, vm])
    throw new PanelctlError('REJECTED', words, {hint: shown, reason: 'exists', panel: openidcs.name})
  }
  refuseDisabled(place)
  refuseMistakable(place, vm, {force})
  const hidden = hiddenBy(place, vm)
  if (hidden.length > 0) {
    warn(
      `"${vm}" contains ${hidden.map(name => `"${name}"`).join(' and ')}: on this VMware host the panel cannot tell the shorter name apart any more (power, update and delete of it will be refused without --force)`,
    )
  }
  await warnOfShared(client.call, {host, vm, warn}, {before: {}, after: body})
  const send = () => client.call(createVm, {path: {host}, body: {...body, vm_uuid: vm}})
  const {seen} = await settle({
    claim: `created ${vm}`,
    send: () => (isVmware(place) ? unlessVersion(client, 'createOnVmware', send) : send()),
    look: () => ifThere(() => client.call(showVm, {path: {host, vm}})),
    // It did not exist before.
    isDone: (created: Vm | null) => created !== null,
    done: `it has ${vm} now`,
    otherwise: () => 'it has no such virtual machine',
    lookWith: panelctl('openidcs vm list', [host]),
    // After no answer at all the panel may still be at it, and that is left open.
    looksAfter: failure => failure === undefined || isAnswered(failure),
    refused,
    warn,
  })
  if (!seen) return {uuid: vm, config: z.parse(vmConfig, mask(body, openidcs.secretFields)), status: []}
  // The name is in the path of what is looked at.
  const {vm_uuid: _name, ...wanted} = withImageFile(body, place)
  warnOfDeviations(compare(wanted, {before: {}, found: seen.config}), warn)
  return seen

  function refused(error: PanelctlError): PanelctlError {
    if (error.code !== 'REJECTED' || error.hint !== undefined) return error
    const images = imagesHint(host)
    const image = imageOf(place, body.os_name)
    const wanted = sizesWanted(body, image?.gigabytes ?? 10)
    const sizes = wanted === '' ? '' : `newer versions want ${wanted} at least; `
    if ((body.os_name ?? '') === '') return reworded(error, {hint: hint`${sizes}give --os; ${images}`})
    return askingHypervisor(error, host, {before: image ? sizes : hint`${sizes}${images}; `})
  }
}
