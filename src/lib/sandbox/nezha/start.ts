import * as z from 'zod/mini'
import {type Listening, listen} from '../listen.js'
import type {PanelOptions} from '../panel.js'
import {featuresOf} from './features.js'
import {installerHandler} from './installer.js'
import type {Language} from './page.js'
import {type Probe, startProbe} from './probe.js'
import {nezhaHandler} from './routes.js'
import {type NezhaSeed, type NezhaWorld, nezhaSeed, sow} from './seed.js'
import {NezhaState} from './state.js'

/** A world that is `empty` is a fresh installation: no server, no monitor; the token and the cookie work. */
export interface NezhaOptions extends NezhaSeed, PanelOptions {
  /** The site's name on the error page. */
  readonly brand?: string
  readonly language?: Language
}

export interface NezhaSandbox extends Listening {
  readonly name: 'nezha'
  readonly state: NezhaState
  readonly token: string
  /** The value of the login cookie. */
  readonly cookie: string
  /** Where agents report: speaks no TLS, as the dashboard's own port. */
  readonly probe: Probe
  /** What serves the install script; on a port of its own, as it is no part of a dashboard. */
  readonly installer: Listening
  /** The variables that make panelctl use it. */
  readonly environment: Readonly<Record<string, string>>
}

/**
 * Starts an emulated Nezha dashboard, v0.20.13 unless another profile is asked for
 * (contracts/nezha.md part 1), on 127.0.0.1. Rejects when the port is taken.
 */
export async function startNezha(options: NezhaOptions = {}): Promise<NezhaSandbox> {
  const {
    now = Date.now,
    random = Math.random,
    world: start = 'seeded',
    port,
    between,
    brand,
    language,
    ...seed
  } = options
  const world: NezhaWorld = z.parse(nezhaSeed, seed)
  const {token, cookie, cookieName, viewPassword} = world
  const state = new NezhaState({now, random, cookieName, viewPassword})
  sow(start === 'empty' ? {...world, servers: [], monitors: [], generate: 0} : world, state, now())
  const handler = nezhaHandler({
    state,
    features: featuresOf(world.profile),
    now,
    random,
    brand: brand ?? 'Nezha Monitoring',
    language: language ?? 'zh-CN',
  })
  const listening = await listen({handler, port, now, between, restart: () => state.restart()})
  const probe = await startProbe()
  const installer = await listen({
    handler: installerHandler({state, probePort: probe.port, nodePath: process.execPath}),
    now,
    between,
  })
  return {
    ...listening,
    name: 'nezha',
    state,
    token,
    cookie,
    probe,
    installer,
    environment: {
      NEZHA_DASHBOARD_URL: listening.url,
      NEZHA_TOKEN: token,
      NEZHA_PROBE_ADDRESS: '127.0.0.1',
      NEZHA_PROBE_PORT: String(probe.port),
      NEZHA_INSTALL_URL: `${installer.url}/install.sh`,
    },
    close: async () => {
      await Promise.all([listening.close(), probe.close(), installer.close()])
    },
  }
}
