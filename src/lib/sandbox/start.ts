import {environmentOf} from './environment.js'
import {startKomari} from './komari/start.js'
import type {Clock} from './listen.js'
import {type NezhaSandbox, startNezha} from './nezha/start.js'
import {type DashboardSandbox, startDashboard} from './nezha/v1/start.js'
import {startOpenidcs} from './openidcs/start.js'
import type {RunningPanel} from './panel.js'
import type {Random} from './random.js'
import {readSeed, type SandboxSeed} from './seed.js'

export interface SandboxOptions {
  /** A YAML file with the world to start with; a small default world without it. */
  readonly seedFile?: string | undefined
  /** The first panel's port, the others take the next ones; any free ports unless given. */
  readonly port?: number | undefined
  readonly now?: Clock
  readonly random?: Random
}

export type Sandbox = Awaited<ReturnType<typeof startSandbox>>

/**
 * Starts every emulated panel on loopback, or none: one that cannot be started ends the others. Throws USAGE for a bad
 * seed file, and for a port that is taken.
 */
export async function startSandbox({seedFile, port = 0, now, random}: SandboxOptions = {}) {
  const seed: SandboxSeed = seedFile === undefined ? {} : await readSeed(seedFile)
  const started: RunningPanel[] = []
  const close = async () => {
    await Promise.all(started.map(panel => panel.close()))
  }
  // Any free port, unless the first one was chosen.
  const place = () => ({port: port === 0 ? 0 : port + started.length, now, random})
  async function running<Panel extends RunningPanel>(starting: Promise<Panel>): Promise<Panel> {
    const panel = await starting
    started.push(panel)
    return panel
  }
  try {
    const isV0 = (seed.nezha?.generation ?? 'v0') === 'v0'
    const nezha = await running<NezhaSandbox | DashboardSandbox>(
      (isV0 ? startNezha : startDashboard)({...seed.nezha, ...place()}),
    )
    const komari = await running(startKomari({...seed.komari, ...place()}))
    const openidcs = await running(startOpenidcs({...seed.openidcs, ...place()}))
    return {panels: {nezha, komari, openidcs}, environment: environmentOf(started), close}
  } catch (error) {
    await close()
    throw error
  }
}
