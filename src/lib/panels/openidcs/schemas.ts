import * as z from 'zod/mini'
import {type ConfigFields, hostFields, statusFields, vmFields} from './fields.js'

// The seed's names on every version: what one leaves out is null, and what one adds stays. The panel checks no types
// and gives back whatever JSON it was sent (contracts/openidcs.md 1.1, trap 11), so that values of configurations are
// unknown here, and columns read them with `loose-values.ts`.

/** A value of whatever type, null where it is missing. */
const anything = z._default(z.unknown(), null)
const numberOrNull = z._default(z.nullable(z.number()), null)
const names = z._default(z.nullable(z.array(z.string())), null)

/** What the panel gives of fields: those that the seed's server has are always there. */
function schemaOf(fields: ConfigFields) {
  const own = Object.entries(fields).filter(([, field]) => field.seed)
  return z.looseObject(Object.fromEntries(own.map(([name]) => [name, anything])))
}

const stringOrNumber = z.pipe(z.union([z.string(), z.number()]), z.transform(String))
export const token = z.looseObject({token: z.pipe(stringOrNumber, z.string().check(z.minLength(1)))})

/** `running_vm_count` is always 0 (trap 16). */
export const stats = z.looseObject({
  host_count: z.number(),
  vm_count: z.number(),
  running_vm_count: numberOrNull,
})
export type Stats = z.infer<typeof stats>

const engine = z.looseObject({
  name: anything,
  description: anything,
  enabled: anything,
  platform: names,
  arch: names,
  options: anything,
  message: anything,
})
export type Engine = z.infer<typeof engine>

/** An object by engine name; since 2025-12-25 inside of `engine_types`, beside what the panel runs on (2.1 no. 7). */
export const engines = z.union([
  z.looseObject({engine_types: z.record(z.string(), engine)}),
  z.record(z.string(), engine),
])

/** Times are UTC without a zone (2.1 no. 8, trap 17). */
export const logEntry = z.looseObject({
  id: anything,
  actions: anything,
  message: anything,
  success: anything,
  results: anything,
  execute: anything,
  level: anything,
  timestamp: anything,
  host: anything,
  created_at: anything,
})
export type LogEntry = z.infer<typeof logEntry>

export const task = z.looseObject({
  process: anything,
  success: anything,
  results: anything,
  message: anything,
})
export type Task = z.infer<typeof task>

const hostConfig = schemaOf(hostFields)

const hostBase = {
  name: z.string(),
  type: anything,
  addr: anything,
  config: hostConfig,
  vm_count: numberOrNull,
}

/** `status` is the word `active` on the seed's server, whatever is the case (2.2 no. 10). */
export const host = z.looseObject({...hostBase, status: anything})
export type Host = z.infer<typeof host>

/** `status` is null unless it was asked for (2.2 no. 11). */
export const hostDetail = z.looseObject({
  ...hostBase,
  vm_list: names,
  last_updated: numberOrNull,
  status: anything,
  status_note: anything,
  status_source: anything,
})
export type HostDetail = z.infer<typeof hostDetail>

/** What guests upload may be of any type. */
export const hardware = schemaOf(statusFields)
export type Hardware = z.infer<typeof hardware>

/** `{}` where nothing was measured yet (2.2 no. 16). */
export const hostStatus = z.looseObject({
  status: z.looseObject({}),
  source: anything,
  cached_at: anything,
})
export type HostStatus = z.infer<typeof hostStatus>

export const vmConfig = schemaOf(vmFields)

/**
 * `status` is null or `[]` where nothing was reported, and missing in one VM of the newest (2.3 no. 17 and 18, trap 11):
 * always a list here, the oldest first.
 */
export const vm = z.looseObject({
  uuid: z.string(),
  config: vmConfig,
  status: z._default(
    z.union([
      z.array(hardware),
      z.pipe(
        z.null(),
        z.transform((): z.infer<typeof hardware>[] => []),
      ),
    ]),
    [],
  ),
})
export type Vm = z.infer<typeof vm>

/** An array up to v0.4; an object with the power state since (2.3 no. 23). */
export const vmStatus = z.union([
  z.array(hardware),
  z.looseObject({power_status: z.string(), history: z.array(hardware)}),
])

export const scanResult = z.looseObject({
  scanned: numberOrNull,
  added: numberOrNull,
  prefix_filter: anything,
})
export type Scan = z.infer<typeof scanResult>

/** `vm_pass` is the password of the console on the seed's server, and of the system since (2.3 no. 25). */
export const uploaded = z.looseObject({hs_name: anything, vm_uuid: anything, vm_pass: anything})
export type Uploaded = z.infer<typeof uploaded>

export const natRuleList = z.array(z.looseObject({}))
export const addresses = z.array(z.looseObject({}))
export const proxies = z.array(z.looseObject({}))
