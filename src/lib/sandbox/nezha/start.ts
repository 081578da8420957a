import {type Clock, type Listening, listen} from '../listen.js'
import type {Random} from '../random.js'
import {featuresOf} from './features.js'
import {installerHandler} from './installer.js'
import type {Language} from './page.js'
import {type Probe, startProbe} from './probe.js'
import {nezhaHandler} from './routes.js'
import {defaultCredentials, type NezhaSeed, profileOf, sow} from './seed.js'
import {NezhaState} from './state.js'

export interface NezhaOptions extends NezhaSeed {
  /** 0, any free port, unless given. */
  readonly port?: number | undefined
  /** `empty` starts as a fresh installation: no server, no monitor; the token and the cookie work. */
  readonly world?: 'seeded' | 'empty'
  readonly now?: Clock | undefined
  /** Decides the order of unfiltered answers and the secrets of new servers. */
  readonly random?: Random | undefined
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
  const {now = Date.now, random = Math.random, world = 'seeded', port} = options
  const {token, cookie, cookieName} = {
    token: options.token ?? defaultCredentials.token,
    cookie: options.cookie ?? defaultCredentials.cookie,
    cookieName: options.cookieName ?? defaultCredentials.cookieName,
  }
  const state = new NezhaState({now, random, cookieName, viewPassword: options.viewPassword})
  sow(world === 'empty' ? {token, cookie, servers: [], monitors: []} : options, state, now())
  const handler = nezhaHandler({
    state,
    features: featuresOf(profileOf(options)),
    now,
    random,
    brand: options.brand ?? 'Nezha Monitoring',
    language: options.language ?? 'zh-CN',
  })
  const listening = await listen({handler, port, now})
  const probe = await startProbe()
  const installer = await listen({
    handler: installerHandler({state, probePort: probe.port, nodePath: process.execPath}),
    now,
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
