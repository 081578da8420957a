import * as z from 'zod/mini'
import {installerHandler} from '../../installer.js'
import {listen} from '../../listen.js'
import {settings} from '../probe.js'
import {type NezhaWorld, nezhaSeed, versionOf} from '../seed.js'
import {sow} from '../sow.js'
import type {NezhaOptions} from '../start.js'
import {installerOf} from './installer.js'
import {seedServices} from './resources.js'
import {dashboardHandler} from './routes.js'
import {DashboardState} from './state.js'

export type DashboardSandbox = Awaited<ReturnType<typeof startDashboard>>

/**
 * Starts an emulated Nezha dashboard of v2, or of v1 where that generation is asked for (contracts/nezha.md part 3), on
 * 127.0.0.1: 2.3.7 and 1.14.14 unless the profile is another version. Rejects when the port is taken.
 */
export async function startDashboard(options: NezhaOptions = {}) {
  const {now = Date.now, random = Math.random, world: start = 'seeded', port, between, ...seed} = options
  const world: NezhaWorld = z.parse(nezhaSeed, {generation: 'v2', ...seed})
  const state = new DashboardState(world, versionOf(world), now, random)
  sow(start === 'empty' ? {...world, servers: [], monitors: [], generate: 0} : world, state, now())
  for (const tag of new Set([...state.servers.values()].map(server => server.tag))) {
    const members = [...state.servers.values()].filter(server => server.tag === tag).map(({id}) => id)
    if (tag !== '') state.addGroup(tag, members)
  }
  seedServices(state)
  const restart = () => state.restart()
  // Agents speak gRPC to the same port (contracts/nezha.md 3.0).
  const greeting = settings
  const listening = await listen({...dashboardHandler(state), greeting, port, now, between, restart})
  const installer = await listen({
    handler: installerHandler(installerOf(state, listening.port)),
    now,
    between,
  })
  const {username, password, agentSecret, pat} = world
  /** The variables that make panelctl use it: v1 has no tokens. */
  const environment: Readonly<Record<string, string>> = {
    NEZHA_DASHBOARD_URL: listening.url,
    ...(state.features.tokens ? {NEZHA_TOKEN: pat} : {NEZHA_USERNAME: username, NEZHA_PASSWORD: password}),
    NEZHA_INSTALL_URL: `${installer.url}/install.sh`,
  }
  return {
    ...listening,
    name: 'nezha' as const,
    state,
    username,
    password,
    /** What agents log in with. */
    agentSecret,
    /** The API token, of v2.1.0 and later. */
    pat,
    /** Where agents report: the same port. */
    probe: {port: listening.port},
    /** What serves the install script; on a port of its own, as it is no part of a dashboard. */
    installer,
    environment,
    close: async () => {
      await Promise.all([listening.close(), installer.close()])
    },
  }
}
