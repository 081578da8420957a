import {PanelctlError} from '../../../errors.js'
import type {Api} from '../../../http/client.js'
import {canonicalAddress} from '../address-forms.js'
import type {Configuration} from '../configuration.js'
import {fieldsOf, textOf} from '../loose-values.js'
import type {Vm} from '../schemas.js'
import {readVms} from './vms.js'

/** The addresses of the cards of a configuration, as they are compared. */
function addressesIn({nic_all}: Configuration): string[] {
  return Object.values(fieldsOf(nic_all))
    .flatMap(card => [textOf(fieldsOf(card).ip4_addr), textOf(fieldsOf(card).ip6_addr)])
    .filter(address => address !== null && address !== '')
    .map(address => canonicalAddress(String(address)))
}

/** The addresses that others have as well: `192.168.1.101 (web1)`. */
function sharedAddresses(addresses: readonly string[], others: readonly Vm[]): string[] {
  return [...new Set(addresses)].flatMap(address => {
    const owners = others.filter(vm => addressesIn(vm.config).includes(address)).map(({uuid}) => uuid)
    return owners.length > 0 ? [`${address} (${owners.join(', ')})`] : []
  })
}

/** Warns where a VM is about to get an address that another one of its host has: the panel gives it all the same. */
export async function warnOfShared(
  api: Api,
  {host, vm, warn}: {readonly host: string; readonly vm: string; warn(text: string): void},
  {before, after}: {readonly before: Configuration; readonly after: Configuration},
): Promise<void> {
  const had = addressesIn(before)
  const added = addressesIn(after).filter(address => !had.includes(address))
  if (added.length === 0) return
  // For a warning only: a list that cannot be read is no reason not to write.
  const vms = await readVms(api, host).catch(error => {
    if (error instanceof PanelctlError) return []
    throw error
  })
  const others = vms.filter(({uuid}) => uuid !== vm)
  const shared = sharedAddresses(added, others)
  if (shared.length > 0) warn(`addresses that others on ${host} have: ${shared.join(', ')}`)
}
