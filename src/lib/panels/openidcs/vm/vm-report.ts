import {PanelctlError, reworded, usageError} from '../../../errors.js'
import {panelctl} from '../../../hint.js'
import type {Api} from '../../../http/client.js'
import {givenFields} from '../configuration.js'
import {uploadStatus} from '../endpoints.js'
import {statusFields} from '../fields.js'
import type {Uploaded} from '../schemas.js'

/**
 * Reports what a VM measured, as its agent does.
 * @throws PanelctlError USAGE for what is no MAC address or holds no fields, NOT_FOUND where no VM has that network card
 */
export async function reportStatus(
  api: Api,
  mac: string,
  document: {readonly where: string; readonly value: unknown},
): Promise<Uploaded> {
  const nic = mac.replaceAll('-', ':')
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(nic)) {
    throw usageError(`--nic ${mac} is not a MAC address`, 'write it as 00:1c:c0:a8:01:64')
  }
  const body = givenFields({fields: statusFields, besides: []}, {document, assignments: []}, {})
  // The panel refuses it (contracts/openidcs.md 2.3 no. 25).
  if (Object.keys(body).length === 0) {
    throw usageError(`${document.where} holds no fields`, 'write them as {"cpu_usage": 7}')
  }
  try {
    return await api(uploadStatus, {query: {nic}, body})
  } catch (error) {
    if (!(error instanceof PanelctlError) || error.code !== 'NOT_FOUND') throw error
    throw reworded(error, {
      message: `no virtual machine has a network card ${nic}`,
      hint: panelctl('openidcs vm show', ['HOST', 'VM'], {flags: {o: 'json'}, pipe: 'jq .config.nic_all'}),
    })
  }
}
