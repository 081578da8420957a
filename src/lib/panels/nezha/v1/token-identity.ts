import {PanelctlError} from '../../../errors.js'
import type {Api, Client} from '../../../http/client.js'
import {nezha} from '../panel.js'
import {whoAmI} from './mcp.js'

const question = {jsonrpc: '2.0', id: 1, method: 'tools/call'} as const

/** What an API token says of itself (contracts/nezha.md 3.11); undefined where it cannot be asked. */
export async function tokenIdentity(client: Client) {
  // A session is refused there, which may count as a wrong token.
  return (await client.credentialKind(nezha)) === 'token' ? identityIn(client.call) : undefined
}

/** The same where it is known to be one. */
export async function identityIn(api: Api) {
  try {
    const body = {...question, params: {name: 'meta.whoami', arguments: {}} as const}
    return (await api(whoAmI, {body})).structuredContent
  } catch (error) {
    // It is switched off where nobody switched it on, and takes API tokens of v2 alone.
    if (error instanceof PanelctlError) return undefined
    throw error
  }
}
