import {environmentOf} from './environment.js'
import {type KomariSandbox, startKomari} from './komari/start.js'
import type {Clock} from './listen.js'
import {type NezhaSandbox, startNezha} from './nezha/start.js'
import {type OpenidcsSandbox, startOpenidcs} from './openidcs/start.js'
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

export interface Sandbox {
  readonly panels: Panels
  /** The variables that point panelctl at the panels. */
  readonly environment: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** Starts every emulated panel on loopback. Throws USAGE for a bad seed file. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const {seedFile, port, now, random} = options
  const seed = seedFile === undefined ? {} : await readSeed(seedFile)
  const panels = await startPanels({seed, port, now, random})
  const running: readonly RunningPanel[] = Object.values(panels)
  return {
    panels,
    environment: environmentOf(running),
    close: async () => {
      await Promise.all(running.map(panel => panel.close()))
    },
  }
}

export interface Panels {
  readonly nezha: NezhaSandbox
  readonly komari: KomariSandbox
  readonly openidcs: OpenidcsSandbox
}

interface PanelsOptions {
  readonly seed: SandboxSeed
  /** The first panel's port, the others take the next ones; any free ports unless given. */
  readonly port?: number | undefined
  readonly now?: Clock | undefined
  readonly random?: Random | undefined
}

/** Starts every panel there is, or none: one that cannot be started ends the others. */
async function startPanels({seed, port = 0, now, random}: PanelsOptions): Promise<Panels> {
  const started: RunningPanel[] = []
  // Any free port, unless the first one was chosen.
  const place = () => ({port: port === 0 ? 0 : port + started.length, now, random})
  async function running<Panel extends RunningPanel>(starting: Promise<Panel>): Promise<Panel> {
    const panel = await starting
    started.push(panel)
    return panel
  }
  try {
    const nezha = await running(startNezha({...seed.nezha, ...place()}))
    const komari = await running(startKomari({...seed.komari, ...place()}))
    const openidcs = await running(startOpenidcs({...seed.openidcs, ...place()}))
    return {nezha, komari, openidcs}
  } catch (error) {
    await Promise.all(started.map(panel => panel.close()))
    throw error
  }
}
