import {PanelctlError} from '../../../errors.js'
import type {Api, Client} from '../../../http/client.js'
import {mayNotBeRead} from '../../../http/gateway.js'
import {nezha} from '../panel.js'
import {showProfile} from './endpoints.js'
import {whoAmI} from './mcp.js'

/** The error of an API token that is for some servers alone: it is told of no other, nor of one that is new. */
export function ofSomeServers(identity: Awaited<ReturnType<typeof identityIn>>): PanelctlError | undefined {
  if (!identity?.server_ids?.length) return undefined
  return new PanelctlError('AUTH', 'this API token is for some servers alone', {
    hint: 'give one that is for all of them, or the user name and the password of an administrator',
    panel: 'nezha',
  })
}

const question = {jsonrpc: '2.0', id: 1, method: 'tools/call'} as const

/** What an API token says of itself (contracts/nezha.md 3.11); undefined where it cannot be asked. */
export async function tokenIdentity(client: Client) {
  // A session is refused there, which may count as a wrong token.
  return (await client.credentialKind(nezha)) === 'token' ? identityIn(client.call) : undefined
}

/** The same where it is known to be one. */
async function identityIn(api: Api) {
  try {
    const body = {...question, params: {name: 'meta.whoami', arguments: {}} as const}
    return (await api(whoAmI, {body})).structuredContent
  } catch (error) {
    // It is switched off where nobody switched it on, and takes API tokens of v2 alone.
    if (error instanceof PanelctlError) return undefined
    throw error
  }
}

/** How the panel refuses to tell; throws whatever else went wrong, also at a gateway that wants a login: it says nothing of this account. */
export async function refusal(asking: Promise<unknown>): Promise<PanelctlError | undefined> {
  try {
    await asking
    return undefined
  } catch (error) {
    if (mayNotBeRead(error) || (error instanceof PanelctlError && error.code === 'REJECTED')) return error
    throw error
  }
}

/** Why a credential of v1 and v2 is told of some servers alone, where it is an API token for those. */
export async function tokenLimit(api: Api): Promise<PanelctlError | undefined> {
  // Of sessions alone, which are not to be sent where tokens are told of.
  if ((await refusal(api(showProfile, {})))?.code !== 'AUTH') return undefined
  return ofSomeServers(await identityIn(api))
}
