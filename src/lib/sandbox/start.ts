import {environmentOf} from './environment.js'
import type {Clock} from './listen.js'
import type {RunningPanel} from './panel.js'
import {type Panels, startPanels} from './panels.js'
import type {Random} from './random.js'
import {readSeed} from './seed.js'

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
