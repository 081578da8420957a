import {type Clock, type Listening, listen} from '../listen.js'
import type {Random} from '../random.js'
import {featuresOf} from './features.js'
import {komariHandler} from './routes.js'
import {defaultCredentials, type KomariSeed, profileOf, sow} from './seed.js'
import {KomariState} from './state.js'

export interface KomariOptions extends KomariSeed {
  /** 0, any free port, unless given. */
  readonly port?: number | undefined
  /** `empty` starts as a new panel: no node, no task; user, API key and session work. */
  readonly world?: 'seeded' | 'empty'
  readonly now?: Clock | undefined
  /** Decides the order of what the panel leaves in random order, and the secrets it makes. */
  readonly random?: Random | undefined
}

export interface KomariSandbox extends Listening {
  readonly name: 'komari'
  readonly state: KomariState
  readonly apiKey: string
  readonly username: string
  readonly password: string
  /** The value of a `session_token` cookie that is logged in. */
  readonly session: string
  /** The variables that make panelctl use it. */
  readonly environment: Readonly<Record<string, string>>
  /**
   * The panel stops and starts: every connection ends, WebSockets without a Close frame; what agents
   * reported is forgotten; it is back on the same port (contracts/komari.md 1.11). `meanwhile` runs while it is away.
   */
  restart(meanwhile?: () => void | Promise<void>): Promise<void>
}

/**
 * Starts an emulated Komari, 1.4.3 unless another profile is asked for (contracts/komari.md), on
 * 127.0.0.1. Throws USAGE when the port is taken.
 */
export async function startKomari(options: KomariOptions = {}): Promise<KomariSandbox> {
  const {now = Date.now, random = Math.random, world = 'seeded', port, utcOffsetMinutes = 0} = options
  const state = new KomariState({
    features: featuresOf(profileOf(options)),
    now,
    random,
    offsetMinutes: utcOffsetMinutes,
  })
  sow(world === 'empty' ? {...options, nodes: [], tasks: [], generate: 0} : options, state, now())
  const listening = await listen({...komariHandler(state), port, now})
  const {
    apiKey = defaultCredentials.apiKey,
    username = defaultCredentials.username,
    password = defaultCredentials.password,
    session = defaultCredentials.session,
  } = options
  const credential: Record<string, string> = state.features.apiKey
    ? {KOMARI_API_KEY: apiKey}
    : {KOMARI_SESSION_TOKEN: session}
  return {
    ...listening,
    name: 'komari',
    state,
    apiKey,
    username,
    password,
    session,
    environment: {KOMARI_URL: listening.url, ...credential},
    restart: async meanwhile => {
      await listening.stop()
      await meanwhile?.()
      state.restart()
      await listening.resume()
    },
  }
}
