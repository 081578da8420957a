import type {Between} from '../src/lib/sandbox/between.js'
import * as komari from '../src/lib/sandbox/komari/start.js'
import * as server from '../src/lib/sandbox/listen.js'
import * as nezha from '../src/lib/sandbox/nezha/start.js'
import * as dashboard from '../src/lib/sandbox/nezha/v1/start.js'
import * as openidcs from '../src/lib/sandbox/openidcs/start.js'
import {Faults} from './faults.js'
import {SocketFaults} from './socket-faults.js'

export type {KomariOptions} from '../src/lib/sandbox/komari/start.js'
export type {NezhaOptions} from '../src/lib/sandbox/nezha/start.js'
export type {OpenidcsOptions} from '../src/lib/sandbox/openidcs/start.js'

/** What goes wrong between a client and a server, for a test to plan. */
interface Failing {
  readonly faults: Faults
  readonly socketFaults: SocketFaults
}

export type Listening = server.Listening & Failing
export type NezhaSandbox = nezha.NezhaSandbox & Failing
export type DashboardSandbox = dashboard.DashboardSandbox & Failing
export type KomariSandbox = komari.KomariSandbox & Failing
export type OpenidcsSandbox = openidcs.OpenidcsSandbox & Failing

async function failing<Server extends object>(
  start: (network: {readonly between: Between}) => Promise<Server>,
): Promise<Server & Failing> {
  const [faults, socketFaults] = [new Faults(), new SocketFaults()]
  const between: Between = {
    request: (...arrived) => faults.request(...arrived),
    frame: (...arrived) => socketFaults.frame(...arrived),
    ping: webSocket => socketFaults.ping(webSocket),
  }
  return Object.assign(await start({between}), {faults, socketFaults})
}

// The emulated panels, and any other server, with a network that can fail.

export const listen = (options: server.ListenOptions): Promise<Listening> =>
  failing(network => server.listen({...options, ...network}))

export const startNezha = (options: nezha.NezhaOptions = {}): Promise<NezhaSandbox> =>
  failing(network => nezha.startNezha({...options, ...network}))

/** Nezha v2, or v1 where it is asked for. */
export const startDashboard = (options: nezha.NezhaOptions = {}): Promise<DashboardSandbox> =>
  failing(network => dashboard.startDashboard({...options, ...network}))

export const startKomari = (options: komari.KomariOptions = {}): Promise<KomariSandbox> =>
  failing(network => komari.startKomari({...options, ...network}))

export const startOpenidcs = (options: openidcs.OpenidcsOptions = {}): Promise<OpenidcsSandbox> =>
  failing(network => openidcs.startOpenidcs({...options, ...network}))
