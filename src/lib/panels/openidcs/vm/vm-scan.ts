import type {Client} from '../../../http/client.js'
import {scanVms} from '../endpoints.js'
import {askingHypervisor} from '../hypervisor-hint.js'
import type {Scan} from '../schemas.js'
import {lookOnce, sendOnce} from '../settle.js'
import {unlessVersion} from '../versions.js'
import {isVmware, readVmsOfHost} from '../vms-of-host.js'

/**
 * Imports the VMs of the hypervisor whose name begins with the prefix.
 * @throws PanelctlError NOT_FOUND for the host, which the panel refuses as it does anything else (contracts/openidcs.md 2.3 no. 24)
 */
export async function scanHost(
  client: Client,
  host: string,
  {prefix, warn}: {readonly prefix: string | undefined; warn(text: string): void},
): Promise<Scan> {
  const before = await readVmsOfHost(client.call, host)
  const send = () => client.call(scanVms, {path: {host}, body: prefix === undefined ? {} : {prefix}})
  const sent = await sendOnce(() => (isVmware(before) ? unlessVersion(client, 'scanOnVmware', send) : send()))
  if (!sent.failure) return sent.answer
  const {failure} = sent
  if (failure.code !== 'REJECTED') throw failure
  // c5ee1c9 refuses each time that it adds something (2.3 no. 24).
  const after = await lookOnce(() => readVmsOfHost(client.call, host))
  const added = (after?.names ?? []).filter(name => !before.names.includes(name))
  if (added.length === 0) throw askingHypervisor(failure, host)
  warn(`the panel said that it failed, and added all the same: ${added.join(', ')}`)
  return {scanned: null, added: added.length, prefix_filter: prefix ?? before.host.config.filter_name}
}
