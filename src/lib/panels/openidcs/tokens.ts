import {PanelctlError, reworded} from '../../errors.js'
import type {Api} from '../../http/client.js'
import {
  resetNewerToken,
  resetToken,
  setNewerToken,
  setToken,
  showNewerToken,
  showStats,
  showToken,
} from './endpoints.js'
import {MissingRoute, openidcs} from './panel.js'

const seedRoutes = {show: showToken, set: setToken, reset: resetToken}
/** Since 2025-12-10 (contracts/openidcs.md 2.1 no. 1 to 3). */
const newerRoutes = {show: showNewerToken, set: setNewerToken, reset: resetNewerToken}

/**
 * The token, and the routes that this version has for it. A read finds them out, so that a write is sent once and
 * `--dry-run` shows the one that would be.
 */
async function lookUp(api: Api) {
  try {
    return {token: (await api(seedRoutes.show, {})).token, routes: seedRoutes}
  } catch (error) {
    if (!(error instanceof MissingRoute)) throw error
    return {token: (await api(newerRoutes.show, {})).token, routes: newerRoutes}
  }
}

/** The access token as the panel has it. */
export async function readToken(api: Api): Promise<{token: string}> {
  return {token: (await lookUp(api)).token}
}

const look = 'is it still the old one? panelctl openidcs system token show'

/**
 * Replaces the access token by another and gives it as the panel has it now. `apiWith` calls the panel with another
 * credential: where the answer is lost, the new token itself tells whether it was taken.
 * @throws PanelctlError UNCERTAIN where that does not tell either
 */
export async function changeToken(api: Api, token: string, apiWith: (token: string) => Api): Promise<string> {
  const {routes} = await lookUp(api)
  try {
    return (await api(routes.set, {body: {token}})).token
  } catch (error) {
    if (!(error instanceof PanelctlError) || error.code !== 'UNCERTAIN') throw error
    const isTaken = await apiWith(token)(showStats, {}).then(
      () => true,
      () => false,
    )
    if (isTaken) return token
    throw reworded(error, {hint: `the new token is not accepted so far; ${look}`})
  }
}

/**
 * Replaces the access token by a random one, and gives that.
 * @throws PanelctlError UNCERTAIN where the answer, and with it the token, is lost (trap 7)
 */
export async function rollToken(api: Api): Promise<string> {
  const {routes} = await lookUp(api)
  try {
    return (await api(routes.reset, {body: {}})).token
  } catch (error) {
    if (!(error instanceof PanelctlError) || error.code !== 'UNCERTAIN') throw error
    throw reworded(error, {
      message: `${error.message}, and only that answer held the new token`,
      hint: `${look}; if that is refused, look on the panel's machine: ${openidcs.credentialHint}`,
    })
  }
}
