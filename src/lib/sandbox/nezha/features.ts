/** What a dashboard of some version serves and says (contracts/nezha.md 1.0). */
export interface Features {
  readonly version: string
  /** GET /api/v1/monitor/{id}; 0.16.0. */
  readonly monitor: boolean
  /** Hidden servers are refused to guests there; 0.16.6. */
  readonly monitorHidesServers: boolean
  /** The site's view password is asked for there; 0.16.9. */
  readonly monitorAsksViewPassword: boolean
  /** `status.Temperatures`; 0.16.27. */
  readonly temperatures: boolean
  /** `status.GPU` and `host.GPU`; 0.17.2. */
  readonly gpu: boolean
  /** `display_index`; 0.18.3. */
  readonly displayIndex: boolean
  /** `hide_for_guest`; 0.19.20. */
  readonly hideForGuest: boolean
  /** POST /api/v1/server/register; 0.20.12. */
  readonly register: boolean
}

/** `current` is 0.20.13, the last release; `old` is 0.20.10, the last one without register; or any 0.x.y. */
export const profilePattern = /^(current|old|0\.\d+\.\d+)$/

/** What the dashboard of a profile has. */
export function featuresOf(profile: string): Features {
  const version = profile === 'current' ? '0.20.13' : profile === 'old' ? '0.20.10' : profile
  const since = (minor: number, patch: number) => {
    const [, ownMinor = 0, ownPatch = 0] = version.split('.').map(Number)
    return ownMinor > minor || (ownMinor === minor && ownPatch >= patch)
  }
  return {
    version,
    monitor: since(16, 0),
    monitorHidesServers: since(16, 6),
    monitorAsksViewPassword: since(16, 9),
    temperatures: since(16, 27),
    gpu: since(17, 2),
    displayIndex: since(18, 3),
    hideForGuest: since(19, 20),
    register: since(20, 12),
  }
}
