/** What an OpenIDCS panel of some commit serves and says (contracts/openidcs.md 0.2, 1, 7). */
export interface Features {
  /** The models of hosts, VMs and statuses (3). */
  readonly models: 'S' | 'S2' | 'v0.4' | 'v0.5' | 'N'
  /** Where JSON logs in, and where out (1.3). */
  readonly login: '/login' | '/api/login'
  readonly logout: '/exitd' | '/logout' | '/api/logout'
  /** What a login answers besides where to go: nothing, the user, or the user and the token (1.3). */
  readonly loginShows: 'nothing' | 'user' | 'user-and-token'
  /** Users, `/api/token/*` in place of resets, create and tquery, aliases of saving and loader (0.2). */
  readonly users: boolean
  /** Hexadecimal digits of a token that the panel makes. */
  readonly tokenDigits: 16 | 64
  /** Five failed logins lock an address out (1.3). */
  readonly limitsLogins: boolean
  /** The secret of sessions outlives the process (1.3). */
  readonly keepsSessions: boolean
  /** `timestamp` in the envelope (1.1). */
  readonly timestamps: boolean
  /** An unknown GET is a JSON 404, any other method a 405 (1.2). */
  readonly catchAll: boolean
  /** Who may manage hosts: who may anything, who sends any Bearer, or the token (1.3). */
  readonly admins: 'everybody' | 'any-bearer' | 'token'
  /** A valid Bearer alone cannot list hosts and VMs (1.3). */
  readonly listsNeedSession: boolean
  /** A valid Bearer alone cannot read one VM (1.3). */
  readonly readsNeedSession: boolean
  /** A valid Bearer alone cannot write rules (1.3). */
  readonly writesNeedSession: boolean
  /** NAT, NICs and proxies in the newer names, kept in the VM's config (3.2, 3.6). */
  readonly nics: boolean
  /** Adding a NIC, or an update with some, meets no router class and ends in HTTP 500; v0.4's recordings. */
  readonly nicsFail: boolean
  /** Proxies of any host want a NAT rule of their port first; only those of remote hosts do later (34). */
  readonly proxiesWantNat: boolean
  /** An upload tells the power of the VM too (25). */
  readonly uploadTellsFlag: boolean
  /** Hosts are disabled until `enable_host` is true (12). */
  readonly disablesHosts: boolean
  /** VM create checks its numbers, and makes up a name (19). */
  readonly validates: boolean
  /** `os_name` must be in `system_maps` (19). */
  readonly checksImages: boolean
  /** Every create on VMware fails: S2 with HTTP 500, v0.5 with a word of Python (0.2, 19). */
  readonly createFails: 'no' | 'unpack' | 'vm_name'
  /** An update that worked is answered with HTTP 500 (20). */
  readonly failsAfterUpdate: boolean
  /** `config.vm_flag`, status `{power_status, history}`, `stop` that stops nothing on VMware (22, 23, 3.5). */
  readonly flags: boolean
  /** VMware's reset is off and on, not a word that it does not know (22). */
  readonly resets: boolean
  /** VMware can be scanned; scanning needs no body (24). */
  readonly scans: 'with-body' | 'never' | 'without-body'
  /** Scanning answers that it could not save what it added (24). */
  readonly scanFailsToSave: boolean
  /** A list shows the latest status of a VM, not all of them (17). */
  readonly latestStatusOnly: boolean
  /** A VM without a status shows one of zeros, and an unknown VM too (18, 23). */
  readonly inventsStatus: boolean
  /** Reads of a status fail once it came out of the database: after a loader, or always (23). */
  readonly failsOnStoredStatus: 'never' | 'after-loader' | 'always'
  /** Logs and tasks work (8, 9). */
  readonly logs: boolean
  /** A list of VMs forgets their rules (28). */
  readonly listForgetsRules: boolean
  /** The console works only after a loader or a restart (26). */
  readonly consoleNeedsLoader: boolean
  /** A host's `server_name` is gone after a loader (12). */
  readonly losesHostNames: boolean
  /** Saving fails while a host has no `server_name` (4). */
  readonly namesHosts: boolean
  /**
   * Every VM has an agent, which says too when its power changes. No panel does that; but without it
   * nobody would see on the seed's panel what a VM does.
   */
  readonly agents: boolean
  /** Engines that a host can be made for (7, 12). */
  readonly enabledEngines: readonly string[]
}

/** The seed document: c5ee1c9 and 7a36e7e without their accidents (7). */
const seed: Features = {
  models: 'S',
  login: '/login',
  logout: '/exitd',
  loginShows: 'nothing',
  users: false,
  tokenDigits: 16,
  limitsLogins: false,
  keepsSessions: false,
  timestamps: false,
  catchAll: false,
  admins: 'everybody',
  listsNeedSession: false,
  readsNeedSession: false,
  writesNeedSession: false,
  nics: false,
  nicsFail: false,
  proxiesWantNat: false,
  uploadTellsFlag: false,
  disablesHosts: false,
  validates: false,
  checksImages: false,
  createFails: 'no',
  failsAfterUpdate: false,
  flags: false,
  resets: false,
  scans: 'with-body',
  scanFailsToSave: false,
  latestStatusOnly: false,
  inventsStatus: false,
  failsOnStoredStatus: 'never',
  logs: true,
  listForgetsRules: false,
  consoleNeedsLoader: false,
  losesHostNames: false,
  namesHosts: false,
  agents: true,
  // The panel of the seed enables VMWareSetup alone; with one engine a sandbox shows half of what there is.
  enabledEngines: ['VMWareSetup', 'LxContainer'],
}

/** HostAgent 085a23d of 2026-04-10. */
const newest: Features = {
  ...seed,
  models: 'N',
  login: '/api/login',
  logout: '/api/logout',
  loginShows: 'user',
  users: true,
  tokenDigits: 64,
  limitsLogins: true,
  keepsSessions: true,
  timestamps: true,
  catchAll: true,
  admins: 'token',
  writesNeedSession: true,
  nics: true,
  uploadTellsFlag: true,
  disablesHosts: true,
  validates: true,
  checksImages: true,
  failsAfterUpdate: true,
  flags: true,
  resets: true,
  scans: 'without-body',
  latestStatusOnly: true,
  namesHosts: true,
  agents: false,
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
}

/** Tag of 2026-02-12. */
const v05: Features = {
  ...newest,
  models: 'v0.5',
  loginShows: 'user-and-token',
  tokenDigits: 16,
  limitsLogins: false,
  keepsSessions: false,
  timestamps: false,
  listsNeedSession: true,
  uploadTellsFlag: false,
  disablesHosts: false,
  checksImages: false,
  createFails: 'vm_name',
  scans: 'never',
}

const table = {
  seed,
  newest,
  c5ee1c9: {
    ...seed,
    scanFailsToSave: true,
    inventsStatus: true,
    failsOnStoredStatus: 'after-loader',
    logs: false,
    consoleNeedsLoader: true,
    losesHostNames: true,
    agents: false,
    enabledEngines: ['VMWareSetup'],
  },
  '7a36e7e': {
    ...seed,
    models: 'S2',
    createFails: 'unpack',
    resets: true,
    latestStatusOnly: true,
    failsOnStoredStatus: 'always',
    listForgetsRules: true,
    namesHosts: true,
    agents: false,
    enabledEngines: ['VMWareSetup'],
  },
  // Tag of 2026-01-19; v0.2 and v0.3 are alike.
  'v0.4': {
    ...v05,
    models: 'v0.4',
    login: '/login',
    logout: '/logout',
    loginShows: 'nothing',
    catchAll: false,
    admins: 'any-bearer',
    readsNeedSession: true,
    writesNeedSession: false,
    nicsFail: true,
    proxiesWantNat: true,
    createFails: 'no',
    failsAfterUpdate: false,
    flags: false,
  },
  'v0.5': v05,
} satisfies Readonly<Record<string, Features>>

export type Profile = keyof typeof table

export const profiles = ['seed', 'newest', 'c5ee1c9', '7a36e7e', 'v0.4', 'v0.5'] as const satisfies Profile[]

/** What the panel of a profile has. */
export function featuresOf(profile: Profile): Features {
  return table[profile]
}
