import {PanelctlError} from '../../errors.js'
import {type Hint, hint, panelctl} from '../../hint.js'
import type {Api} from '../../http/client.js'
import {didYouMean} from '../../nearest-names.js'
import {compareNatural} from '../../output/natural.js'
import type {Configuration} from './configuration.js'
import {readHost} from './host/hosts.js'
import {fieldsOf, numberOf, textOf} from './loose-values.js'
import type {VmNames} from './machine-arguments.js'
import type {HostDetail, Vm} from './schemas.js'
import {readVms} from './vm/vms.js'

/** A host, and the names of its VMs. */
export interface VmsOfHost {
  readonly name: string
  readonly host: HostDetail
  readonly names: readonly string[]
}

/**
 * A host and the names of its VMs, read before each write: a refusal does not say whether the host, the VM or something
 * else is wrong (contracts/openidcs.md trap 14).
 * @throws PanelctlError NOT_FOUND with the nearest names of hosts
 */
export async function readVmsOfHost(api: Api, name: string): Promise<VmsOfHost> {
  const host = await readHost(api, name)
  // A list of the VMs themselves is empty for a disabled host (2.3 no. 17), this one is not.
  const names = host.vm_list ?? (await readVms(api, name)).map(({uuid}) => uuid)
  return {name, host, names: names.toSorted(compareNatural)}
}

function noSuchVm(host: string, vm: string, names: readonly string[], reason?: 'missing'): PanelctlError {
  return new PanelctlError('NOT_FOUND', `there is no virtual machine "${vm}" on ${host}`, {
    hint: didYouMean(vm, names, panelctl('openidcs vm list', [host])),
    reason,
    panel: 'openidcs',
  })
}

/**
 * `missing` where the VM itself is what was to be taken away.
 * @throws PanelctlError NOT_FOUND with the nearest names of VMs
 */
export function requireVm({name: host, names}: VmsOfHost, vm: string, reason?: 'missing'): void {
  if (!names.includes(vm)) throw noSuchVm(host, vm, names, reason)
}

/**
 * Asks about a VM. Where the panel refuses, one look decides what for: an unknown host or VM is refused like anything
 * else, and a 404 does not say which of them it is (trap 14).
 * @throws PanelctlError NOT_FOUND with the nearest names of hosts or VMs, else as `ask`
 */
export async function askOfVm<Result>(
  api: Api,
  {host, vm}: VmNames,
  ask: () => Promise<Result>,
): Promise<Result> {
  try {
    return await ask()
  } catch (error) {
    const isRefused = error instanceof PanelctlError && ['REJECTED', 'NOT_FOUND'].includes(error.code)
    if (isRefused) requireVm(await readVmsOfHost(api, host), vm)
    throw error
  }
}

/**
 * One VM out of the list, which tells its power on every version.
 * @throws PanelctlError NOT_FOUND with the nearest names of VMs, REJECTED where the host is disabled and lists none
 */
export async function readListedVm(api: Api, host: string, name: string): Promise<Vm> {
  const found = (await readVms(api, host)).find(({uuid}) => uuid === name)
  if (found) return found
  const place = await readVmsOfHost(api, host)
  requireVm(place, name)
  // 2.3 no. 17.
  refuseDisabled(place)
  throw new PanelctlError('NOT_FOUND', `${host} names a virtual machine "${name}", but does not list it`, {
    hint: panelctl('openidcs vm list', [host]),
    panel: 'openidcs',
  })
}

/**
 * The VMs of a host, by name.
 * @throws PanelctlError REJECTED where the host is disabled and has VMs: the newest lists none of them then (2.3 no. 17)
 */
export async function readReachableVms(api: Api, host: string): Promise<Vm[]> {
  const vms = await readVms(api, host)
  if (vms.length > 0) return vms
  const place = await readVmsOfHost(api, host)
  if (place.names.length > 0) refuseDisabled(place)
  return vms
}

function isDisabled(host: string): PanelctlError {
  return new PanelctlError('REJECTED', `${host} is disabled, so that its virtual machines are out of reach`, {
    hint: hint`${panelctl('openidcs host power', [host])} on`,
    panel: 'openidcs',
  })
}

/**
 * Refuses what the newest refuses with code 403, which is also what is said for want of a session: with that it would
 * be sent a second time (1.3, 2.3 no. 19, 21, 22).
 * @throws PanelctlError REJECTED
 */
export function refuseDisabled({name, host}: VmsOfHost): void {
  if (host.config.enable_host === false) throw isDisabled(name)
}

/** Whether VMs of a host are found by a part of their path (trap 27); its type is told in two places (2.2 no. 10). */
export function isVmware({host}: VmsOfHost): boolean {
  return (host.type ?? host.config.server_type) === 'VMWareSetup'
}

/** Where a VM lies in the folder of all of them; VMware hosts are searched by the whole of it. */
function pathOf(vm: string): string {
  return `/${vm}/${vm}.vmx`
}

/**
 * For what else the panel may take a VM of this name; undefined where for nothing that it knows. VMware may have
 * further VMs: this lowers the risk only.
 */
function mistakenFor({host, names}: VmsOfHost, vm: string): string | undefined {
  const systemPath = textOf(host.config.system_path) ?? ''
  const others = names.filter(name => name !== vm)
  const longer = others.find(name => name.includes(vm))
  if (longer !== undefined) return `the name of ${longer} contains "${vm}"`
  if (systemPath.includes(vm)) return `the folder of all of them, ${systemPath}, contains "${vm}"`
  if ('.vmx'.includes(vm)) return `the path of each of them ends with .vmx, which contains "${vm}"`
  const across = others.find(name => pathOf(name).includes(vm))
  return across === undefined ? undefined : `the path of ${across} contains "${vm}"`
}

/**
 * Refuses a name for which VMware hosts act upon another VM and say that all is well (trap 27).
 * @throws PanelctlError REJECTED
 */
export function refuseMistakable(place: VmsOfHost, vm: string, {force}: {readonly force: boolean}): void {
  if (force || !isVmware(place)) return
  const reason = mistakenFor(place, vm)
  if (reason === undefined) return
  throw new PanelctlError(
    'REJECTED',
    `OpenIDCS finds virtual machines on VMware hosts by a part of their path, and ${reason}: another one than "${vm}" may be hit; nothing was sent`,
    {hint: 'use a name that no other one contains, or send it all the same with --force', panel: 'openidcs'},
  )
}

/** The VMs that cannot be told apart any more once there is one of this name (trap 27). */
export function hiddenBy(place: VmsOfHost, vm: string): readonly string[] {
  if (!isVmware(place)) return []
  return place.names.filter(name => name !== vm && pathOf(vm).includes(name))
}

/** The image of a title, or else of a file's name, and the gigabytes of disk that it needs, where the host tells them (2.3 no. 19). */
export function imageOf({host}: VmsOfHost, named: unknown) {
  const images = Object.entries(fieldsOf(host.config.system_maps)).flatMap(([title, told]) => {
    const [file, gigabytes]: readonly unknown[] = Array.isArray(told) ? told : []
    return textOf(file) === null ? [] : [{title, file, gigabytes: numberOf(gigabytes)}]
  })
  return images.find(({title}) => title === String(named)) ?? images.find(({file}) => file === named)
}

/** Where the images of a host are told. */
export function imagesHint(host: string): Hint {
  return hint`for the images: ${panelctl('openidcs host show', [host], {flags: {o: 'json'}, pipe: 'jq .config.system_maps'})}`
}

/** An image by its title is its file from then on: creating stores the file (2.3 no. 19), updating what it is sent. */
export function withImageFile(changes: Configuration, place: VmsOfHost): Configuration {
  const image = imageOf(place, changes.os_name)
  return image ? {...changes, os_name: image.file} : changes
}
