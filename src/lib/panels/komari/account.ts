import * as z from 'zod/mini'
import {PanelctlError, reworded} from '../../errors.js'
import {hint, panelctl} from '../../hint.js'
import type {Client} from '../../http/client.js'
import {unknownCredential} from '../../http/known.js'
import {askAccount, findProvider, listClients, showMe} from './endpoints.js'
import {komari, whoAmIRequest} from './panel.js'
import {type Me, me} from './schemas.js'

/**
 * Who the panel takes us for. `/api/me` shows an API key as a guest (contracts/komari.md 1.1, trap 4), so that one asks
 * RPC2; 1.1.8 answers that with HTTP 500 and an empty body, and versions up to 1.0.6 know no RPC2: what
 * they let administrators alone read tells whether the key works.
 */
export async function whoAmI(client: Client, warn: (text: string) => void): Promise<Me> {
  const kind = await client.credentialKind(komari)
  const own = kind === 'token' ? await nameOfKey(client) : undefined
  const found = own ?? (await client.call(showMe, {}))
  if (kind === 'token' && own === undefined) {
    const isKnown = await client.call(listClients, {}).then(
      () => true,
      (error: unknown) => {
        if (error instanceof PanelctlError && error.code === 'BAD_RESPONSE') return false
        throw error
      },
    )
    warn(`this version of Komari shows an API key as Guest${isKnown ? '; this one works' : ''}`)
  } else if (kind !== undefined && !found.logged_in) {
    throw unknownCredential(komari, kind)
  }
  return found
}

async function nameOfKey(client: Client): Promise<Me | undefined> {
  try {
    const answer = z.safeParse(me, await client.call(askAccount, {body: whoAmIRequest}))
    return answer.success ? answer.data : undefined
  } catch (error) {
    if (!(error instanceof PanelctlError)) throw error
    const silent = error.code === 'UNCERTAIN' || error.code === 'UNREACHABLE' || error.status === 404
    if (silent) return undefined
    throw error
  }
}

/** Where a person logs in with OAuth. */
export interface OAuthPlace {
  /** The provider's page, with the state that the panel made. */
  readonly url: string
  /** The panel's page that leads there, and first gives the browser the cookie without which coming back fails (1.5). */
  readonly start: string
}

/** @throws PanelctlError REJECTED where OAuth is off */
export async function oauthPlace(client: Client): Promise<OAuthPlace> {
  const url = await client.call(findProvider, {}).catch((error: unknown) => {
    if (!(error instanceof PanelctlError) || error.code !== 'REJECTED') throw error
    throw reworded(error, {hint: hint`which way in there is: ${panelctl('komari site')}`})
  })
  return {url, start: (await client.address(komari, findProvider.path)).href}
}
