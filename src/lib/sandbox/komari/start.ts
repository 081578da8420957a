import * as z from 'zod/mini'
import {installerHandler} from '../installer.js'
import {listen} from '../listen.js'
import type {PanelOptions} from '../panel.js'
import {komariInstaller} from './installer.js'
import {komariHandler} from './routes.js'
import {type KomariSeed, type KomariWorld, komariSeed} from './seed.js'
import {sow} from './sow.js'
import {KomariState} from './state.js'

/** A world that is `empty` is a new panel: no node, no task; user, API key and session work. */
export interface KomariOptions extends KomariSeed, PanelOptions {}

export type KomariSandbox = Awaited<ReturnType<typeof startKomari>>

/**
 * Starts an emulated Komari, 1.4.3 unless another profile is asked for (contracts/komari.md), on
 * 127.0.0.1. Throws USAGE when the port is taken.
 */
export async function startKomari(options: KomariOptions = {}) {
  const {now = Date.now, random = Math.random, world: start = 'seeded', port, between, ...seed} = options
  const world: KomariWorld = z.parse(komariSeed, seed)
  const state = new KomariState(world, now, random)
  sow(start === 'empty' ? {...world, nodes: [], tasks: [], generate: 0} : world, state, now())
  // What agents reported is forgotten (contracts/komari.md 1.11).
  const listening = await listen({
    ...komariHandler(state),
    port,
    now,
    between,
    restart: () => state.restart(),
  })
  const installer = await listen({
    handler: installerHandler(komariInstaller(state, () => listening.url)),
    now,
    between,
  })
  const {apiKey, username, password, session} = world
  /** The variables that make panelctl use it. */
  const environment: Readonly<Record<string, string>> = {
    KOMARI_URL: listening.url,
    ...(state.features.apiKey ? {KOMARI_API_KEY: apiKey} : {KOMARI_SESSION_TOKEN: session}),
    KOMARI_INSTALL_URL: `${installer.url}/install.sh`,
  }
  return {
    ...listening,
    name: 'komari' as const,
    state,
    apiKey,
    username,
    password,
    /** The value of a `session_token` cookie that is logged in. */
    session,
    /** What serves the install script; on a port of its own, as it is no part of a panel. */
    installer,
    environment,
    close: async () => {
      await Promise.all([listening.close(), installer.close()])
    },
  }
}
