import {cleanSecret} from '../../../config/clean-secret.js'
import {PanelctlError, reworded} from '../../../errors.js'
import {type Hint, hint, panelctl} from '../../../hint.js'
import type {Api} from '../../../http/client.js'
import {isMask} from '../../../mask.js'
import {
  resetNewerToken,
  resetToken,
  setNewerToken,
  setToken,
  showNewerToken,
  showStats,
  showToken,
} from '../endpoints.js'
import {MissingRoute, openidcs} from '../panel.js'

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

const look = hint`is it still the old one? ${panelctl('openidcs system token show')}`
const lookElsewhere = hint`${look}; if that is refused, look on the panel's machine: ${openidcs.credentialHint}`

/** Whether a token is one that can be sent, so that it may take the place of the one that is kept. */
function isUsable(token: string): boolean {
  if (isMask(token)) return false
  const [kind = {kind: 'token'}] = openidcs.credentialVariables
  try {
    return cleanSecret(token, 'the answer', kind) === token
  } catch (error) {
    if (!(error instanceof PanelctlError)) throw error
    return false
  }
}

/** Whether the panel took the call, and answered with what tells no token. */
function tellsNothing(error: PanelctlError): boolean {
  return error.code === 'BAD_RESPONSE' && (error.status === undefined || error.status < 300)
}

function uncertain(message: string, hint: Hint, cause?: PanelctlError): PanelctlError {
  return new PanelctlError('UNCERTAIN', message, {hint, panel: openidcs.name, status: cause?.status, cause})
}

/**
 * Replaces the access token by another and gives that. `apiWith` calls the panel with another credential: where the
 * answer is lost, the new token itself tells whether it was taken.
 * @throws PanelctlError UNCERTAIN where that does not tell either, or where the answer is not the token that was sent
 */
export async function changeToken(api: Api, token: string, apiWith: (token: string) => Api): Promise<string> {
  const {routes} = await lookUp(api)
  let told: string
  try {
    told = (await api(routes.set, {body: {token}})).token
  } catch (error) {
    if (!(error instanceof PanelctlError)) throw error
    if (tellsNothing(error)) {
      throw uncertain(
        `${error.message}; the new token may be in force, and was not kept`,
        lookElsewhere,
        error,
      )
    }
    if (error.code !== 'UNCERTAIN') throw error
    const isTaken = await apiWith(token)(showStats, {}).then(
      () => true,
      () => false,
    )
    if (isTaken) return token
    throw reworded(error, {hint: hint`the new token is not accepted so far; ${look}`})
  }
  if (told === token) return token
  throw uncertain(
    'the panel was given the new token and answered with another one: either may be in force, and neither was kept',
    lookElsewhere,
  )
}

/**
 * Replaces the access token by a random one, and gives that.
 * @throws PanelctlError UNCERTAIN where the answer, and with it the token, is lost (trap 7) or none that can be sent
 */
export async function rollToken(api: Api): Promise<string> {
  const {routes} = await lookUp(api)
  let told: string
  try {
    told = (await api(routes.reset, {body: {}})).token
  } catch (error) {
    if (!(error instanceof PanelctlError) || (error.code !== 'UNCERTAIN' && !tellsNothing(error))) throw error
    throw uncertain(`${error.message}, and only that answer held the new token`, lookElsewhere, error)
  }
  if (isUsable(told)) return told
  throw uncertain(
    'the panel was told to make a new token and answered with what cannot be one: the old one may be dead, and nothing was kept',
    lookElsewhere,
  )
}
