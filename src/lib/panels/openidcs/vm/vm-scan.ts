import {hint, panelctl} from '../../../hint.js'
import type {Client} from '../../../http/client.js'
import {scanVms} from '../endpoints.js'
import {askingHypervisor} from '../hypervisor-hint.js'
import type {Scan} from '../schemas.js'
import {settle} from '../settle.js'
import {unlessVersion} from '../versions.js'
import {isVmware, readVmsOfHost} from '../vms-of-host.js'

/** The newest says it of a scan with a code of its own words alone, 400. */
const disabled = hint`is the host disabled (${panelctl('openidcs host list')})? else: `

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
  const {answer, seen = []} = await settle({
    claim: `scanned ${host}`,
    send: () => (isVmware(before) ? unlessVersion(client, 'scanOnVmware', send) : send()),
    async look() {
      const {names} = await readVmsOfHost(client.call, host)
      return names.filter(name => !before.names.includes(name))
    },
    isDone: added => added.length > 0,
    done: 'it added virtual machines',
    otherwise: () => 'nothing was added',
    lookWith: panelctl('openidcs vm list', [host]),
    // c5ee1c9 refuses each time that it adds something (2.3 no. 24).
    looksAfter: failure => failure?.code === 'REJECTED',
    refused: (failure, isDone) => (isDone ? undefined : askingHypervisor(failure, host, {before: disabled})),
    warn,
  })
  if (answer) return answer
  warn(`the panel said that it failed, and added all the same: ${seen.join(', ')}`)
  return {scanned: null, added: seen.length, prefix_filter: prefix ?? before.host.config.filter_name}
}
