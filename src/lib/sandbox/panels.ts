import {type KomariSandbox, startKomari} from './komari/start.js'
import type {Clock} from './listen.js'
import {type NezhaSandbox, startNezha} from './nezha/start.js'
import type {Random} from './random.js'
import type {SandboxSeed} from './seed.js'

/** What every emulated panel has, whatever it emulates. */
export interface RunningPanel {
  readonly name: string
  readonly url: string
  readonly port: number
  /** The variables that make panelctl, and the seed's own scripts, use it. */
  readonly environment: Readonly<Record<string, string>>
  close(): Promise<void>
}

export interface Panels {
  readonly nezha: NezhaSandbox
  readonly komari: KomariSandbox
}

export interface PanelsOptions {
  readonly seed: SandboxSeed
  /** The first panel's port, the others take the next ones; any free ports unless given. */
  readonly port?: number | undefined
  readonly now?: Clock | undefined
  readonly random?: Random | undefined
}

/** Starts every panel there is, or none: one that cannot be started ends the others. */
export async function startPanels({seed, port = 0, now, random}: PanelsOptions): Promise<Panels> {
  const nezha = await startNezha({...seed.nezha, port, now, random})
  try {
    // Any free port, unless the first one was chosen.
    const next = port === 0 ? 0 : port + 1
    return {nezha, komari: await startKomari({...seed.komari, port: next, now, random})}
  } catch (error) {
    await nezha.close()
    throw error
  }
}
