import type {Machine} from '../machine.js'
import type {JsonObject} from './json.js'
import type {Power} from './power.js'

/** A status that the panel keeps, and when it came. */
export interface Report {
  readonly at: number
  readonly status: JsonObject
}

/** A VM as the panel knows it. */
export interface Vm {
  /** The key in every answer; `config.vm_uuid` may be empty (contracts/openidcs.md 24). */
  readonly name: string
  config: JsonObject
  /** NAT rules, in the names of the profile. */
  nat: JsonObject[]
  /** Addresses of the seed's panel; the newest has NICs in the config. */
  addresses: JsonObject[]
  proxies: JsonObject[]
  /** What was uploaded, and what the panel noted itself. */
  reports: Report[]
  /** Something in the VM that reports each minute and whenever its power changes. */
  agent: Machine | undefined
  /** Its statuses are in the database, be there any or not: it was scanned, or loaded (17, 23). */
  isStored: boolean
  /** What the newest panel calls its power until then; afterwards it is what the hypervisor says (3.5). */
  flag: {readonly word: Power; readonly until: number; readonly seen: Power}
}

export interface Host {
  readonly name: string
  type: string
  config: JsonObject
  readonly vms: Map<string, Vm>
  readonly addedAt: number
  /** It came out of the database: its console works (26). */
  isLoaded: boolean
  /** The last look at the machine. */
  probe: {readonly at: number; readonly status: JsonObject} | undefined
}

export interface LogEntry {
  readonly at: number
  /** The host it is about; the system without one. */
  readonly host: string | undefined
  readonly message: string
  readonly success: boolean
}
