import type {Between} from './between.js'
import type {Clock} from './listen.js'
import type {Random} from './random.js'

/** What every panel is started with, besides its seed. */
export interface PanelOptions {
  /** 0, any free port, unless given. */
  readonly port?: number | undefined
  readonly world?: 'seeded' | 'empty'
  readonly now?: Clock | undefined
  /** Decides the order of what a panel leaves in random order, and the secrets that it makes. */
  readonly random?: Random | undefined
  readonly between?: Between | undefined
}

/** What every emulated panel has, whatever it emulates. */
export interface RunningPanel {
  readonly name: string
  readonly url: string
  readonly port: number
  /** The variables that make panelctl, and the seed's own scripts, use it. */
  readonly environment: Readonly<Record<string, string>>
  close(): Promise<void>
}
