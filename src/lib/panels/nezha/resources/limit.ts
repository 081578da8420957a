import {byGeneration} from '../../../http/generation.js'
import type {Limit} from '../../../resource/target.js'
import {listUsers} from '../v1/endpoints.js'
import {refusal, tokenLimit} from '../v1/token-identity.js'

/** A member is told of its own things, and an API token that is for some servers of what has to do with no other (contracts/nezha.md 3.1). */
export const limit: Limit = async api => {
  // Of administrators alone.
  const refused = await refusal(byGeneration([() => api(listUsers, {})]))
  if (refused) return refused.code === 'AUTH' ? refused : undefined
  return tokenLimit(api)
}
