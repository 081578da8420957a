import {PanelctlError, reworded} from '../../../errors.js'
import {hint, panelctl} from '../../../hint.js'
import type {Api} from '../../../http/client.js'
import {printable} from '../../../output/printable.js'
import {showConsole} from '../endpoints.js'
import type {VmNames} from '../machine-arguments.js'
import {askOfVm} from '../vms-of-host.js'

/**
 * The address of a VM's console, which goes to a terminal and a browser as it is. Each call makes the address before
 * worthless (contracts/openidcs.md 2.3 no. 26).
 * @throws PanelctlError NOT_FOUND also where the panel refuses as it does anything else
 */
export async function consoleAddress(api: Api, names: VmNames): Promise<string> {
  const address = await ask(api, names)
  if (/^https?:\/\//i.test(address) && URL.canParse(address) && printable(address) === address) return address
  throw new PanelctlError('BAD_RESPONSE', 'the panel gave a console address that no browser opens', {
    hint: hint`is public_addr of the host right? ${panelctl('openidcs host show', [names.host], {flags: {o: 'json'}})}`,
    panel: 'openidcs',
  })
}

async function ask(api: Api, names: VmNames): Promise<string> {
  try {
    return await askOfVm(api, names, () => api(showConsole, {path: names}))
  } catch (error) {
    if (!(error instanceof PanelctlError) || error.code !== 'REJECTED') throw error
    throw reworded(error, {
      hint: hint`the host needs a public_addr, and the virtual machine a console password; c5ee1c9 gives addresses only after a restart or ${panelctl('openidcs system config load')}`,
    })
  }
}
