import {cleanSecret} from '../../../config/secrets/clean-secret.js'
import {PanelctlError} from '../../../errors.js'
import {hint, panelctl} from '../../../hint.js'
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
import {afterLook, isAnswered, lookOnce, notAsSaid, sendOnce, settle} from '../settle.js'

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

const lookWith = hint`${panelctl('openidcs system token show')}; if that is refused, look on the panel's machine: ${openidcs.credentialHint}`

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

/** How whoever changes the token calls the panel, and what is said meanwhile. */
interface Changing {
  readonly api: Api
  /** The panel as whoever has another token calls it. */
  apiWith(token: string): Api
  warn(text: string): void
}

/**
 * Replaces the access token by another and gives that. Where the answer is lost, the new token itself tells whether it
 * was taken.
 * @throws PanelctlError UNCERTAIN where that does not tell either, or where the answer is not the token that was sent
 */
export async function changeToken({api, apiWith, warn}: Changing, token: string): Promise<string> {
  const {routes} = await lookUp(api)
  const {answer} = await settle({
    claim: 'has the new token',
    send: () => api(routes.set, {body: {token}}),
    look: async () => (await lookOnce(() => apiWith(token)(showStats, {}))) !== undefined,
    // Of what is answered otherwise nobody knows which token it was about.
    isDone: (isAccepted, failure) => isAccepted && !(failure && isAnswered(failure)),
    done: 'the new token is accepted',
    otherwise: isAccepted =>
      `the new token is ${isAccepted ? 'accepted, and was not kept' : 'not accepted so far'}`,
    lookWith,
    // A yes has the token in it.
    looksAfter: failure => failure?.code === 'UNCERTAIN',
    warn,
  })
  if (answer === undefined || answer.token === token) return token
  const said = 'the panel was given the new token and answered with another one'
  throw notAsSaid(`${said}: either may be in force, and neither was kept`, lookWith)
}

/**
 * Replaces the access token by a random one, and gives that.
 * @throws PanelctlError UNCERTAIN where the answer, and with it the token, is lost (trap 7) or none that can be sent
 */
export async function rollToken(api: Api): Promise<string> {
  const {routes} = await lookUp(api)
  const {answer, failure} = await sendOnce(() => api(routes.reset, {body: {}}))
  if (answer && isUsable(answer.token)) return answer.token
  if (!failure) {
    const said = 'the panel was told to make a new token and answered with what cannot be one'
    throw notAsSaid(`${said}: the old one may be dead, and nothing was kept`, lookWith)
  }
  if (failure.code !== 'UNCERTAIN') throw failure
  throw afterLook(failure, 'only that answer held the new token', lookWith)
}
