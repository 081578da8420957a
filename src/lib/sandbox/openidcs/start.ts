import type {Handler} from '../answer.js'
import {type Clock, type Listening, listen} from '../listen.js'
import type {Random} from '../random.js'
import {featuresOf} from './features.js'
import {openidcsHandler} from './routes.js'
import {defaultCredentials, type OpenidcsSeed, profileOf, slowMillisecondsOf, sow} from './seed.js'
import {OpenidcsState} from './state.js'

export interface OpenidcsOptions extends OpenidcsSeed {
  /** 0, any free port, unless given. */
  readonly port?: number | undefined
  /** `empty` starts as a new panel: no host; the token and the session work. */
  readonly world?: 'seeded' | 'empty'
  readonly now?: Clock | undefined
  /** How much time passes with each request, so that who waits for a VM gets there without a clock. */
  readonly millisecondsPerRequest?: number
  /** Decides the secrets it makes, and ports that it chooses. */
  readonly random?: Random | undefined
}

export interface OpenidcsSandbox extends Listening {
  readonly name: 'openidcs'
  readonly state: OpenidcsState
  readonly token: string
  /** The value of a `session` cookie that is logged in. */
  readonly session: string
  /** The variables that make panelctl use it. */
  readonly environment: Readonly<Record<string, string>>
  /**
   * The panel stops and starts on the same port: sessions may be gone, and what is not in its
   * database is (contracts/openidcs.md 1.3, 5). `meanwhile` runs while it is away.
   */
  restart(meanwhile?: () => void | Promise<void>): Promise<void>
}

/**
 * Starts an emulated OpenIDCS, the one that the seed document describes unless another profile is
 * asked for (contracts/openidcs.md 7), on 127.0.0.1. Throws USAGE when the port is taken.
 */
export async function startOpenidcs(options: OpenidcsOptions = {}): Promise<OpenidcsSandbox> {
  const {now = Date.now, random = Math.random, world = 'seeded', port, debug = true} = options
  const {token = defaultCredentials.token, session = defaultCredentials.session} = options
  const state = new OpenidcsState({
    features: featuresOf(profileOf(options)),
    now,
    random,
    token,
    debug,
    slowMilliseconds: slowMillisecondsOf(options),
  })
  sow(world === 'empty' ? {...options, hosts: []} : options, state)
  const answer = openidcsHandler(state)
  const handler: Handler = request => {
    state.pass(options.millisecondsPerRequest ?? 0)
    return answer(request)
  }
  const listening = await listen({handler, port, now: () => state.now()})
  return {
    ...listening,
    name: 'openidcs',
    state,
    token,
    session,
    environment: {OPENIDCS_URL: listening.url, OPENIDCS_TOKEN: token},
    restart: async meanwhile => {
      await listening.stop()
      await meanwhile?.()
      state.restart()
      await listening.resume()
    },
  }
}
