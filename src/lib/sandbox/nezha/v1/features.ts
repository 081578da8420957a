import {featuresSince} from '../../since.js'

/** What came with which version (contracts/nezha.md 3.2, 3.14). */
const since = {
  /** Viewers are counted. */
  viewers: '1.3.0',
  /** An agent secret for each user; before it today's agents never get through (3.6). */
  userSecrets: '1.4.0',
  /** `?id=` is read. */
  filtersById: '1.4.4',
  /** `config` in /setting, and HTTP 404 for what is no route. */
  nestedSettings: '1.5.0',
  /** /service/{server id} gives its lock back (trap 41). */
  unlocks: '1.5.5',
  serverConfig: '1.7.1',
  /** An unknown id in a delete is a dead-lock (trap 40). */
  deadlocks: '1.8.0',
  batchMove: '1.13.0',
  /** A JWT is good for the address that logged in. */
  bindsAddress: '1.14.7',
  /** TSDB: metrics, history by period, `role`; services are hidden, not shown. */
  periods: '2.0.0',
  /** What changes something is a POST; sessions are kept, and a new password ends them. */
  sessions: '2.0.14',
  /** PATs, CSRF, /mcp, unknown ids in a delete pass. */
  tokens: '2.1.0',
  /** `nezha:inventory:read` for what lists; `nezha:server:read` before. */
  inventory: '2.1.2',
  /** `last_active` is forgotten when the agent goes. */
  forgets: '2.2.11',
} as const

/** What a dashboard of some version serves and says. */
export interface Features extends Readonly<Record<keyof typeof since, boolean>> {
  readonly version: string
}

/** What the dashboard of a version, 1.0.0 or later, has. */
export function featuresOf(version: string): Features {
  return {...featuresSince(since, version), version}
}
