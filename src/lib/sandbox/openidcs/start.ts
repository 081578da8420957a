import * as z from 'zod/mini'
import type {Handler} from '../answer.js'
import {listen} from '../listen.js'
import type {PanelOptions} from '../panel.js'
import {openidcsHandler} from './routes.js'
import {type OpenidcsSeed, type OpenidcsWorld, openidcsSeed} from './seed.js'
import {sow} from './sow.js'
import {OpenidcsState} from './state.js'

/** A world that is `empty` is a new panel: no host; the token and the session work. */
export interface OpenidcsOptions extends OpenidcsSeed, PanelOptions {
  /** How much time passes with each request, so that who waits for a VM gets there without a clock. */
  readonly millisecondsPerRequest?: number
}

export type OpenidcsSandbox = Awaited<ReturnType<typeof startOpenidcs>>

/**
 * Starts an emulated OpenIDCS, the one that the seed document describes unless another profile is
 * asked for (contracts/openidcs.md 7), on 127.0.0.1. Throws USAGE when the port is taken.
 */
export async function startOpenidcs(options: OpenidcsOptions = {}) {
  const {now = Date.now, random = Math.random, world: start = 'seeded', port, between, ...rest} = options
  const {millisecondsPerRequest = 0, ...seed} = rest
  const world: OpenidcsWorld = z.parse(openidcsSeed, seed)
  const {token, session} = world
  const state = new OpenidcsState(world, now, random)
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
  /** The variables that make panelctl use it. */
  const environment: Readonly<Record<string, string>> = {OPENIDCS_URL: listening.url, OPENIDCS_TOKEN: token}
  return {
    ...listening,
    name: 'openidcs' as const,
    state,
    token,
    /** The value of a `session` cookie that is logged in. */
    session,
    environment,
  }
}
