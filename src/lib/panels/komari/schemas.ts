import * as z from 'zod/mini'
import {isObject} from '../../json-object.js'

// What came in a later version than 1.0.3 is optional, and so is what the panel leaves out where it is empty
// (contracts/komari.md 1.14). Counters are numbers, not integers.

export const me = z.looseObject({logged_in: z.boolean(), username: z.string()})
/** A command that was sent, contracts/komari.md 7.7: which nodes it reached, and which get it with their next question. */
export const startedTask = z.looseObject({
  task_id: z.string(),
  clients: z.nullish(z.array(z.string())),
  queued_clients: z.nullish(z.array(z.string())),
})

/** What came of it (7.7): code and time are null for as long as it runs. */
export const task = z.looseObject({
  results: z.nullish(
    z.array(
      z.looseObject({
        client: z.string(),
        result: z.string(),
        exit_code: z.nullable(z.number()),
        finished_at: z.nullable(z.string()),
      }),
    ),
  ),
})

export type Me = z.infer<typeof me>

export const site = z.looseObject({
  sitename: z.string(),
  description: z.string(),
  private_site: z.boolean(),
  oauth_enable: z.boolean(),
  oauth_provider: z.optional(z.nullable(z.string())),
  disable_password_login: z.optional(z.boolean()),
  record_enabled: z.optional(z.boolean()),
  record_preserve_time: z.optional(z.number()),
  ping_record_preserve_time: z.optional(z.number()),
  theme: z.optional(z.string()),
})

/** The version is a tag, a branch or a hash: not semver (1.3, trap 23). */
export const version = z.looseObject({version: z.string(), hash: z.string()})

/** Sizes are bytes, times RFC 3339 (up to 1.0.2 with a space), `tags` one text (1.7). */
export const node = z.looseObject({
  uuid: z.string(),
  name: z.string(),
  weight: z.number(),
  group: z.string(),
  tags: z.string(),
  region: z.string(),
  os: z.string(),
  arch: z.string(),
  kernel_version: z.optional(z.string()),
  virtualization: z.string(),
  cpu_name: z.string(),
  cpu_cores: z.number(),
  gpu_name: z.string(),
  mem_total: z.number(),
  swap_total: z.number(),
  disk_total: z.number(),
  price: z.number(),
  billing_cycle: z.number(),
  auto_renewal: z.optional(z.boolean()),
  currency: z.string(),
  expired_at: z.nullable(z.string()),
  public_remark: z.optional(z.string()),
  // These four only administrators are told, and only by a list of their own (1.7, 3.1).
  remark: z.optional(z.string()),
  ipv4: z.optional(z.string()),
  ipv6: z.optional(z.string()),
  /** Of the agent. */
  version: z.optional(z.string()),
  hidden: z.optional(z.boolean()),
  traffic_limit: z.optional(z.number()),
  traffic_limit_type: z.optional(z.string()),
  created_at: z.nullable(z.string()),
  updated_at: z.nullable(z.string()),
})
export type Node = z.infer<typeof node>

/** A node as an administrator sees it (3.1). */
export const agentNode = z.looseObject({
  uuid: z.string(),
  name: z.string(),
  /** Of its agent; left out where it is empty. */
  token: z.optional(z.string()),
  group: z.string(),
  remark: z.optional(z.string()),
  hidden: z.optional(z.boolean()),
})

const toldOrNot = z.nullable(z.number())

/** What an agent reported; null is what RPC2 of an older version does not tell. `usage` is left out where it is 0; `uuid` is not in every version (1.8). */
export const report = z.looseObject({
  uuid: z.optional(z.string()),
  cpu: z.looseObject({usage: z.optional(z.number())}),
  ram: z.looseObject({total: z.number(), used: z.number()}),
  swap: z.looseObject({total: z.number(), used: z.number()}),
  load: z.looseObject({load1: z.number(), load5: toldOrNot, load15: toldOrNot}),
  disk: z.looseObject({total: z.number(), used: z.number()}),
  network: z.looseObject({up: z.number(), down: z.number(), totalUp: z.number(), totalDown: z.number()}),
  connections: z.looseObject({tcp: z.number(), udp: z.number()}),
  uptime: toldOrNot,
  process: z.number(),
  message: z.optional(z.string()),
  updated_at: z.string(),
})
export type Report = z.infer<typeof report>

/** A frame of the live feed (1.11). */
export const feed = z.looseObject({
  online: z.array(z.string()),
  data: z.record(z.string(), report),
})
export type Feed = z.infer<typeof feed>

/** What RPC2 says of a node, by its uuid; `load5` since 1.0.7, `uptime` since 1.0.8 (2.4). */
export const latestStatus = z.record(
  z.string(),
  z.looseObject({
    time: z.string(),
    online: z.boolean(),
    cpu: z.number(),
    ram: z.number(),
    ram_total: z.number(),
    swap: z.number(),
    swap_total: z.number(),
    load: z.number(),
    load5: z._default(toldOrNot, null),
    load15: z._default(toldOrNot, null),
    disk: z.number(),
    disk_total: z.number(),
    net_in: z.number(),
    net_out: z.number(),
    net_total_up: z.number(),
    net_total_down: z.number(),
    process: z.number(),
    connections: z.number(),
    connections_udp: z.number(),
    uptime: z._default(toldOrNot, null),
  }),
)

/** A point of the load history; with a `load_type` only that type's fields are there. Sizes are bytes (1.9, trap 8). */
const loadRecord = z.looseObject({
  time: z.string(),
  cpu: z.optional(z.number()),
  gpu: z.optional(z.number()),
  ram: z.optional(z.number()),
  ram_total: z.optional(z.number()),
  swap: z.optional(z.number()),
  swap_total: z.optional(z.number()),
  load: z.optional(z.number()),
  temp: z.optional(z.number()),
  disk: z.optional(z.number()),
  disk_total: z.optional(z.number()),
  net_in: z.optional(z.number()),
  net_out: z.optional(z.number()),
  net_total_up: z.optional(z.number()),
  net_total_down: z.optional(z.number()),
  process: z.optional(z.number()),
  connections: z.optional(z.number()),
  connections_udp: z.optional(z.number()),
})
export type LoadRecord = z.infer<typeof loadRecord>

/** `records` is null where there are none up to 1.2.5 (1.14). */
export const loadHistoryResult = z.looseObject({
  count: z.number(),
  records: z.nullable(z.array(loadRecord)),
})

/** One probe, or one bucket of them: milliseconds, -1 for a lost one; `client` since 1.0.7 (1.10). */
export interface PingRecord {
  readonly task_id: number
  readonly time: string
  readonly value: number
  readonly client?: string
}

function isPingRecord(value: unknown): value is PingRecord {
  return (
    isObject(value) &&
    Number.isFinite(value.task_id) &&
    typeof value.time === 'string' &&
    Number.isFinite(value.value) &&
    (value.client === undefined || typeof value.client === 'string')
  )
}

const pingTask = z.looseObject({
  id: z.number(),
  name: z.string(),
  interval: z.number(),
  type: z.optional(z.string()),
})
export type PingTask = z.infer<typeof pingTask>

/**
 * `tasks` is left out where there are none (1.10). Records are looked at and not copied: an old server sends a million of
 * them (§4).
 */
export const pingHistoryResult = z.looseObject({
  count: z.number(),
  records: z.nullable(
    z.custom<PingRecord[]>(value => Array.isArray(value) && value.every(isPingRecord), 'no ping records'),
  ),
  tasks: z.optional(z.nullable(z.array(pingTask))),
})
