import * as z from 'zod/mini'
import {type Listening, listen} from '../listen.js'
import type {PanelOptions} from '../panel.js'
import {featuresOf} from './features.js'
import {komariHandler} from './routes.js'
import {type KomariSeed, type KomariWorld, komariSeed, sow} from './seed.js'
import {KomariState} from './state.js'

/** A world that is `empty` is a new panel: no node, no task; user, API key and session work. */
export interface KomariOptions extends KomariSeed, PanelOptions {}

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
}

/**
 * Starts an emulated Komari, 1.4.3 unless another profile is asked for (contracts/komari.md), on
 * 127.0.0.1. Throws USAGE when the port is taken.
 */
export async function startKomari(options: KomariOptions = {}): Promise<KomariSandbox> {
  const {now = Date.now, random = Math.random, world: start = 'seeded', port, between, ...seed} = options
  const world: KomariWorld = z.parse(komariSeed, seed)
  const state = new KomariState({
    features: featuresOf(world.profile),
    now,
    random,
    offsetMinutes: world.utcOffsetMinutes,
  })
  sow(start === 'empty' ? {...world, nodes: [], tasks: [], generate: 0} : world, state, now())
  // What agents reported is forgotten (contracts/komari.md 1.11).
  const listening = await listen({
    ...komariHandler(state),
    port,
    now,
    between,
    restart: () => state.restart(),
  })
  const {apiKey, username, password, session} = world
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
  }
}
