/** What sets a panel apart. */
export interface Features {
  /** It has models, routes and words of its own; the others have those of the seed. */
  readonly isNewest: boolean
  /** It fails at some of what it should do (8, 9, 12, 18, 23, 24, 26). */
  readonly hasAccidents: boolean
  /**
   * Every VM has an agent, which says too when its power changes. No panel does that; but without it nobody would see
   * on the seed's panel what a VM does.
   */
  readonly hasAgents: boolean
  /** Engines that a host can be made for (7, 12). */
  readonly enabledEngines: readonly string[]
}

/**
 * `seed` is the panel of the seed document: c5ee1c9 of 2025-12-08 without its accidents; `newest` is HostAgent 085a23d
 * of 2026-04-10 (contracts/openidcs.md 0.2, 7).
 */
export type Profile = 'seed' | 'newest' | 'c5ee1c9'

const none = {isNewest: false, hasAccidents: false, hasAgents: false}

/** What the panel of a profile has. */
export const featuresOf: Readonly<Record<Profile, Features>> = {
  // The panel of the seed enables VMWareSetup alone; with one engine a sandbox shows half of what there is.
  seed: {...none, hasAgents: true, enabledEngines: ['VMWareSetup', 'LxContainer']},
  newest: {
    ...none,
    isNewest: true,
    enabledEngines: [
      'HyperVSetup',
      'LxContainer',
      'OCInterface',
      'PromoxSetup',
      'QEMUServer',
      'VMWareSetup',
      'VirtualBoxs',
      'vSphereESXi',
    ],
  },
  c5ee1c9: {...none, hasAccidents: true, enabledEngines: ['VMWareSetup']},
}

export const profiles = Object.keys(featuresOf) as readonly Profile[]
