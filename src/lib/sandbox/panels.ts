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
}

export interface PanelsOptions {
  readonly seed: SandboxSeed
  /** The first panel's port, the others take the next ones; any free ports unless given. */
  readonly port?: number | undefined
  readonly now?: Clock | undefined
  readonly random?: Random | undefined
}

/** Starts every panel there is. */
export async function startPanels({seed, port = 0, now, random}: PanelsOptions): Promise<Panels> {
  return {nezha: await startNezha({...seed.nezha, port, now, random})}
}
