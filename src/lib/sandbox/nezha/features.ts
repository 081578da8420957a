import {featuresSince} from '../since.js'

/** What came with which version (contracts/nezha.md 1.0). */
const since = {
  /** GET /api/v1/monitor/{id}. */
  monitor: '0.16.0',
  /** Hidden servers are refused to guests there. */
  monitorHidesServers: '0.16.6',
  /** The site's view password is asked for there. */
  monitorAsksViewPassword: '0.16.9',
  /** `status.Temperatures`. */
  temperatures: '0.16.27',
  /** `status.GPU` and `host.GPU`. */
  gpu: '0.17.2',
  /** `display_index`. */
  displayIndex: '0.18.3',
  /** `hide_for_guest`. */
  hideForGuest: '0.19.20',
  /** POST /api/v1/server/register. */
  register: '0.20.12',
} as const

/** What a dashboard of some version serves and says. */
export interface Features extends Readonly<Record<keyof typeof since, boolean>> {
  readonly version: string
}

/** `current` is 0.20.13, the last release; `old` is 0.20.10, the last one without register; or any 0.x.y, 1.x.y, 2.x.y. */
export const profilePattern = /^(current|old|[012]\.\d+\.\d+)$/

/** What the dashboard of a profile has. */
export function featuresOf(profile: string): Features {
  const version = {current: '0.20.13', old: '0.20.10'}[profile] ?? profile
  return {...featuresSince(since, version), version}
}
