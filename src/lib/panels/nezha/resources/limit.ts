import {PanelctlError} from '../../../errors.js'
import {mayNotBeRead} from '../../../http/gateway.js'
import {byGeneration} from '../../../http/generation.js'
import type {Limit} from '../../../resource/target.js'
import {listUsers, showProfile} from '../v1/endpoints.js'
import {identityIn} from '../v1/token-identity.js'

/** A member is told of its own things, and an API token that is for some servers of what has to do with no other (contracts/nezha.md 3.1). */
export const limit: Limit = async api => {
  const refusal = async (asking: Promise<unknown>) => {
    try {
      await asking
      return undefined
    } catch (error) {
      // Whatever else went wrong, also at a gateway that wants a login, says nothing of this account.
      if (mayNotBeRead(error) || (error instanceof PanelctlError && error.code === 'REJECTED')) return error
      throw error
    }
  }
  // Of administrators alone.
  const refused = await refusal(byGeneration([() => api(listUsers, {})]))
  if (refused) return refused.code === 'AUTH' ? refused : undefined
  // Of sessions alone, which are not to be sent where tokens are told of.
  if ((await refusal(api(showProfile, {})))?.code !== 'AUTH') return undefined
  const servers = (await identityIn(api))?.server_ids ?? []
  if (servers.length === 0) return undefined
  return new PanelctlError('AUTH', 'this API token is for some servers alone', {
    hint: 'give one that is for all of them, or the user name and the password of an administrator',
    panel: 'nezha',
  })
}
