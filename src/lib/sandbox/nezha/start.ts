import * as z from 'zod/mini'
import {installerHandler} from '../installer.js'
import {listen} from '../listen.js'
import type {PanelOptions} from '../panel.js'
import {installerOfV0} from './installer.js'
import {startProbe} from './probe.js'
import {nezhaHandler} from './routes.js'
import {type NezhaSeed, type NezhaWorld, nezhaSeed} from './seed.js'
import {sow} from './sow.js'
import {NezhaState} from './state.js'

/** A world that is `empty` is a fresh installation: no server, no monitor; the token and the cookie work. */
export interface NezhaOptions extends NezhaSeed, PanelOptions {}

export type NezhaSandbox = Awaited<ReturnType<typeof startNezha>>

/**
 * Starts an emulated Nezha dashboard, v0.20.13 unless another profile is asked for
 * (contracts/nezha.md part 1), on 127.0.0.1. Rejects when the port is taken.
 */
export async function startNezha(options: NezhaOptions = {}) {
  const {now = Date.now, random = Math.random, world: start = 'seeded', port, between, ...seed} = options
  const world: NezhaWorld = z.parse(nezhaSeed, seed)
  const {token, cookie} = world
  const state = new NezhaState(world, now, random)
  sow(start === 'empty' ? {...world, servers: [], monitors: [], generate: 0} : world, state, now())
  const handler = nezhaHandler(state)
  const listening = await listen({handler, port, now, between, restart: () => state.restart()})
  const probe = await startProbe()
  const installer = await listen({
    handler: installerHandler(installerOfV0(state, probe.port)),
    now,
    between,
  })
  /** The variables that make panelctl use it. */
  const environment: Readonly<Record<string, string>> = {
    NEZHA_DASHBOARD_URL: listening.url,
    NEZHA_TOKEN: token,
    NEZHA_PROBE_ADDRESS: '127.0.0.1',
    NEZHA_PROBE_PORT: String(probe.port),
    NEZHA_INSTALL_URL: `${installer.url}/install.sh`,
  }
  return {
    ...listening,
    name: 'nezha' as const,
    state,
    token,
    /** The value of the login cookie. */
    cookie,
    /** Where agents report: speaks no TLS, as the dashboard's own port. */
    probe,
    /** What serves the install script; on a port of its own, as it is no part of a dashboard. */
    installer,
    environment,
    close: async () => {
      await Promise.all([listening.close(), probe.close(), installer.close()])
    },
  }
}
