import * as z from 'zod/mini'
import type {Handler} from '../answer.js'
import {type Listening, listen} from '../listen.js'
import type {PanelOptions} from '../panel.js'
import {featuresOf} from './features.js'
import {openidcsHandler} from './routes.js'
import {type OpenidcsSeed, type OpenidcsWorld, openidcsSeed, slowMillisecondsOf, sow} from './seed.js'
import {OpenidcsState} from './state.js'

/** A world that is `empty` is a new panel: no host; the token and the session work. */
export interface OpenidcsOptions extends OpenidcsSeed, PanelOptions {
  /** How much time passes with each request, so that who waits for a VM gets there without a clock. */
  readonly millisecondsPerRequest?: number
}

export interface OpenidcsSandbox extends Listening {
  readonly name: 'openidcs'
  readonly state: OpenidcsState
  readonly token: string
  /** The value of a `session` cookie that is logged in. */
  readonly session: string
  /** The variables that make panelctl use it. */
  readonly environment: Readonly<Record<string, string>>
}

/**
 * Starts an emulated OpenIDCS, the one that the seed document describes unless another profile is
 * asked for (contracts/openidcs.md 7), on 127.0.0.1. Throws USAGE when the port is taken.
 */
export async function startOpenidcs(options: OpenidcsOptions = {}): Promise<OpenidcsSandbox> {
  const {now = Date.now, random = Math.random, world: start = 'seeded', port, between, ...rest} = options
  const {millisecondsPerRequest = 0, ...seed} = rest
  const world: OpenidcsWorld = z.parse(openidcsSeed, seed)
  const {token, session, debug} = world
  const state = new OpenidcsState({
    features: featuresOf(world.profile),
    now,
    random,
    token,
    debug,
    slowMilliseconds: slowMillisecondsOf(world),
  })
  sow(start === 'empty' ? {...world, hosts: []} : world, state)
  const answer = openidcsHandler(state)
  const handler: Handler = request => {
    state.pass(millisecondsPerRequest)
    return answer(request)
  }
  // Sessions may be gone, and what is not in the database is (contracts/openidcs.md 1.3, 5).
  const listening = await listen({
    handler,
    port,
    now: () => state.now(),
    between,
    restart: () => state.restart(),
  })
  return {
    ...listening,
    name: 'openidcs',
    state,
    token,
    session,
    environment: {OPENIDCS_URL: listening.url, OPENIDCS_TOKEN: token},
  }
}
