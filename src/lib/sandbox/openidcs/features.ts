export const profiles = ['seed', 'newest', 'c5ee1c9'] as const

/**
 * `seed` is the panel of the seed document: c5ee1c9 of 2025-12-08 without its accidents; `newest` is HostAgent 085a23d
 * of 2026-04-10 (contracts/openidcs.md 0.2, 7).
 */
export type Profile = (typeof profiles)[number]

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

/** What the panel of a profile has. */
export function featuresOf(profile: Profile): Features {
  return {
    isNewest: profile === 'newest',
    hasAccidents: profile === 'c5ee1c9',
    hasAgents: profile === 'seed',
    enabledEngines: enabledEngines[profile],
  }
}

const enabledEngines: Readonly<Record<Profile, readonly string[]>> = {
  // The panel of the seed enables VMWareSetup alone; with one engine a sandbox shows half of what there is.
  seed: ['VMWareSetup', 'LxContainer'],
  c5ee1c9: ['VMWareSetup'],
  newest: [
    'HyperVSetup',
    'LxContainer',
    'OCInterface',
    'PromoxSetup',
    'QEMUServer',
    'VMWareSetup',
    'VirtualBoxs',
    'vSphereESXi',
  ],
}
