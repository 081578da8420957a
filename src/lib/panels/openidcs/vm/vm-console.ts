import {PanelctlError, reworded} from '../../../errors.js'
import {hint, panelctl} from '../../../hint.js'
import type {Client} from '../../../http/client.js'
import {printable} from '../../../output/printable.js'
import {showConsole} from '../endpoints.js'
import type {VmNames} from '../machine-arguments.js'
import {versionOf} from '../versions.js'
import {askOfVm, isVmware, readVmsOfHost} from '../vms-of-host.js'

/**
 * The address of a VM's console, which goes to a terminal and a browser as it is. Each call makes the address before
 * worthless (contracts/openidcs.md 2.3 no. 26).
 * @throws PanelctlError NOT_FOUND also where the panel refuses as it does anything else
 */
export async function consoleAddress(client: Client, names: VmNames): Promise<string> {
  const address = await ask(client, names)
  if (/^https?:\/\//i.test(address) && URL.canParse(address) && printable(address) === address) return address
  throw new PanelctlError('BAD_RESPONSE', 'the panel gave a console address that no browser opens', {
    hint: hint`is public_addr of the host right? ${panelctl('openidcs host show', [names.host], {flags: {o: 'json'}})}`,
    panel: 'openidcs',
  })
}

async function ask(client: Client, names: VmNames): Promise<string> {
  try {
    return await askOfVm(client.call, names, () => client.call(showConsole, {path: names}))
  } catch (error) {
    if (!(error instanceof PanelctlError) || error.code !== 'REJECTED') throw error
    throw reworded(error, {hint: await whyNone(client, names.host)})
  }
}

/** What it takes; which of it there is not the panel says in free words, if at all. */
async function whyNone(client: Client, host: string): Promise<string> {
  const needs = 'the host needs a public_addr, and the virtual machine a console password'
  const version = await versionOf(client).catch(() => undefined)
  // Of hosts that it has loaded since it was started.
  if (version === 'c5ee1c9' || version === '7a36e7e')
    return `${needs}; this version gives addresses only after a restart, which forgets NAT, IP and proxy rules`
  const place = await readVmsOfHost(client.call, host).catch(() => undefined)
  if (version !== 'newest' || place === undefined || !isVmware(place)) return needs
  return `this version gives no consoles of VMware hosts, unless the panel itself runs on Windows and had vmrest.exe in launch_path of the host when it started; then ${needs}`
}
