import {featuresSince} from '../since.js'

/** What came with which version (contracts/komari.md 1.14). */
const since = {
  /** `Authorization: Bearer`. */
  apiKey: '1.0.4',
  /** Hidden nodes, `traffic_limit`, `theme`. */
  hiddenNodes: '1.0.5',
  /** The WebSocket wants an Origin. */
  checksOrigin: '1.0.5',
  /** `get <uuid>` on the WebSocket. */
  getOne: '1.0.6',
  /** `load_type`, `/api/task/ping`, `task_id`, statistics of pings, RPC2 with `common:*`. */
  common: '1.0.7',
  /** `has_gpu_data`. */
  gpuRecords: '1.0.9',
  /** The cookie of a temporary share. */
  temporaryShare: '1.1.7',
  /** An API key's writes of nodes are logged without a panic. */
  auditsKeys: '1.1.9',
  /** `default_on` of ping tasks. */
  defaultOn: '1.2.0',
  /** `cpu_physical_cores`, `traffic_up`, SameSite; a key or token in place of the Origin. */
  physicalCores: '1.2.1',
  /** A foreign Origin is refused. */
  cors: '1.2.2',
  /** Every route is an RPC method: all namespaces, −32041, the second private gate, keys unhide. */
  bridge: '1.2.5',
  /** Answers come from metric buckets, times have nanoseconds in UTC, `[]` in place of null. */
  metrics: '1.2.7',
  /** Totals are stored in history no more, a user is made by a guide. */
  guides: '1.3.0',
  /** `weight` of public ping tasks. */
  taskWeight: '1.3.1',
} as const

/** What a Komari of some version serves and says. */
export interface Features extends Readonly<Record<keyof typeof since, boolean>> {
  readonly version: string
  /** 40 hexadecimal digits. */
  readonly hash: string
  /** `common:getNodes` gives an array; 1.2.5-fix1 alone. */
  readonly nodesAsArray: boolean
}

const releases = {
  '1.4': {version: '1.4.3', hash: 'bf6b45ec3abfc56bba5e9223650a47a72f665371'},
  '1.2.5': {version: '1.2.5-fix1', hash: '5d26f1b18a8ac7f11a0cbc12a4cabffcc6381048'},
  '1.1': {version: '1.1.8', hash: 'd7dd816a26101bba578378f03bc668b5b2214795'},
  /** The last one without an API key. */
  '1.0.3': {version: '1.0.3', hash: 'unknown'},
} as const

export type Profile = keyof typeof releases

export const profiles: readonly Profile[] = ['1.4', '1.2.5', '1.1', '1.0.3']

/** What the panel of a profile has. */
export function featuresOf(profile: Profile): Features {
  const release = releases[profile]
  const nodesAsArray = release.version === '1.2.5-fix1'
  return {...featuresSince(since, release.version), ...release, nodesAsArray}
}
