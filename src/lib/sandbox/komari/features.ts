/** What a Komari of some version serves and says (contracts/komari.md 1.14). */
export interface Features {
  readonly version: string
  /** 40 hexadecimal digits. */
  readonly hash: string
  /** `Authorization: Bearer`; 1.0.4. */
  readonly apiKey: boolean
  /** Hidden nodes, `traffic_limit`, `theme`; 1.0.5. */
  readonly hiddenNodes: boolean
  /** The WebSocket wants an Origin; 1.0.5. */
  readonly checksOrigin: boolean
  /** `get <uuid>` on the WebSocket; 1.0.6. */
  readonly getOne: boolean
  /** `load_type`, `/api/task/ping`, `task_id`, statistics of pings, RPC2 with `common:*`; 1.0.7. */
  readonly common: boolean
  /** `has_gpu_data`; 1.0.9. */
  readonly gpuRecords: boolean
  /** The cookie of a temporary share; 1.1.7. */
  readonly temporaryShare: boolean
  /** An API key's writes of nodes are logged without a panic; 1.1.9. */
  readonly auditsKeys: boolean
  /** `default_on` of ping tasks; 1.2.0. */
  readonly defaultOn: boolean
  /** `cpu_physical_cores`, `traffic_up`, SameSite; a key or token in place of the Origin; 1.2.1. */
  readonly physicalCores: boolean
  /** A foreign Origin is refused; 1.2.2. */
  readonly cors: boolean
  /** Every route is an RPC method: all namespaces, −32041, the second private gate, keys unhide; 1.2.5. */
  readonly bridge: boolean
  /** `common:getNodes` gives an array; 1.2.5-fix1 alone. */
  readonly nodesAsArray: boolean
  /** Answers come from metric buckets, times have nanoseconds in UTC, `[]` in place of null; 1.2.7. */
  readonly metrics: boolean
  /** Totals are stored in history no more, a user is made by a guide; 1.3.0. */
  readonly guides: boolean
  /** `weight` of public ping tasks; 1.3.1. */
  readonly taskWeight: boolean
}

/** `1.4` is 1.4.3; `1.2.5` is 1.2.5-fix1; `1.1` is 1.1.8; `1.0.3` is the last one without an API key. */
export type Profile = '1.4' | '1.2.5' | '1.1' | '1.0.3'

export const profiles = ['1.4', '1.2.5', '1.1', '1.0.3'] as const

const releases: Readonly<Record<Profile, {version: string; hash: string}>> = {
  '1.4': {version: '1.4.3', hash: 'bf6b45ec3abfc56bba5e9223650a47a72f665371'},
  '1.2.5': {version: '1.2.5-fix1', hash: '5d26f1b18a8ac7f11a0cbc12a4cabffcc6381048'},
  '1.1': {version: '1.1.8', hash: 'd7dd816a26101bba578378f03bc668b5b2214795'},
  '1.0.3': {version: '1.0.3', hash: 'unknown'},
}

/** What the panel of a profile has. */
export function featuresOf(profile: Profile): Features {
  const {version, hash} = releases[profile]
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number)
  const own = major * 1e6 + minor * 1e3 + patch
  const since = (wanted: string) => {
    const [first = 0, second = 0, third = 0] = wanted.split('.').map(Number)
    return own >= first * 1e6 + second * 1e3 + third
  }
  return {
    version,
    hash,
    apiKey: since('1.0.4'),
    hiddenNodes: since('1.0.5'),
    checksOrigin: since('1.0.5'),
    getOne: since('1.0.6'),
    common: since('1.0.7'),
    gpuRecords: since('1.0.9'),
    temporaryShare: since('1.1.7'),
    auditsKeys: since('1.1.9'),
    defaultOn: since('1.2.0'),
    physicalCores: since('1.2.1'),
    cors: since('1.2.2'),
    bridge: since('1.2.5'),
    nodesAsArray: version === '1.2.5-fix1',
    metrics: since('1.2.7'),
    guides: since('1.3.0'),
    taskWeight: since('1.3.1'),
  }
}
