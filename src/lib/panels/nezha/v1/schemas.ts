import * as z from 'zod/mini'

// What is 0, false, empty or absent has no key (contracts/nezha.md 3.3, trap 10).
const number = z.optional(z.number())
const text = z.optional(z.string())
/** One beyond 2^53 is refused: rounded, it would be another's. */
const id = z.int('not a whole number below 2^53')
const texts = z.nullish(z.array(z.string()))

const host = z.looseObject({
  platform: text,
  platform_version: text,
  cpu: texts,
  mem_total: number,
  disk_total: number,
  swap_total: number,
  arch: text,
  virtualization: text,
  boot_time: number,
  version: text,
  gpu: texts,
})

const state = z.looseObject({
  cpu: number,
  mem_used: number,
  swap_used: number,
  disk_used: number,
  net_in_transfer: number,
  net_out_transfer: number,
  net_in_speed: number,
  net_out_speed: number,
  uptime: number,
  load_1: number,
  load_5: number,
  load_15: number,
  tcp_conn_count: number,
  udp_conn_count: number,
  process_count: number,
  temperatures: z.nullish(z.array(z.looseObject({Name: text, Temperature: number}))),
  gpu: z.nullish(z.array(z.number())),
})

/** A server of `/server`, contracts/nezha.md 3.3; times are RFC 3339, year 1 for never. */
export const server = z.looseObject({
  id,
  name: text,
  uuid: text,
  note: text,
  public_note: text,
  display_index: number,
  hide_for_guest: z.optional(z.boolean()),
  enable_ddns: z.optional(z.boolean()),
  ddns_profiles: z.nullish(z.array(id)),
  override_ddns_domains: z.nullish(z.record(z.string(), texts)),
  host: z.nullish(host),
  state: z.nullish(state),
  geoip: z.nullish(
    z.looseObject({
      ip: z.nullish(z.looseObject({ipv4_addr: text, ipv6_addr: text})),
      country_code: text,
    }),
  ),
  last_active: z.string(),
})

/** Names may repeat and be empty; `servers` is null where there are none (3.3). */
export const group = z.looseObject({
  group: z.looseObject({id, name: text}),
  servers: z.nullish(z.array(id)),
})

/** What a group is made and changed with; it takes the place of name and members (3.3). */
export const groupForm = z.object({name: z.string(), servers: z.array(z.number())})

/** A frame of the WebSocket (3.5): `public_note` comes in the first of a connection alone. */
export const frame = z.looseObject({
  /** The panel's clock, Unix ms. */
  now: z.number(),
  servers: z.nullish(
    z.array(
      z.looseObject({
        id,
        name: text,
        public_note: text,
        display_index: number,
        host: z.nullish(host),
        state: z.nullish(state),
        country_code: text,
        last_active: z.string(),
      }),
    ),
  ),
})

/** An account, contracts/nezha.md 3.6: v1 gives the hash of its password besides, v1.0 no secret of its agents. */
export const account = z.looseObject({id, username: text, agent_secret: text})

const agentAddress = {install_host: text, tls: z.optional(z.boolean())}

/** The half that administrators see comes with a session alone, nested since v1.5 (contracts/nezha.md 3.6, 3.10). */
export const settings = z.looseObject({
  ...agentAddress,
  config: z.optional(z.looseObject(agentAddress)),
  version: text,
  /** Absent before v2. */
  tsdb_enabled: z.optional(z.boolean()),
})

/** What a server measured (contracts/nezha.md 3.4): buckets of averages, Unix ms. */
export const metrics = z.looseObject({
  data_points: z.nullish(z.array(z.looseObject({ts: z.number(), value: z.number()}))),
})

/**
 * What servers measured of a service (contracts/nezha.md 3.4): milliseconds, 0 or a status of 0 for a point of which most
 * probes were lost. Probes are counted of the whole period, and with TSDB alone.
 */
export const serviceHistory = z.looseObject({
  servers: z.nullish(
    z.array(
      z.looseObject({
        server_id: z.number(),
        server_name: text,
        stats: z.looseObject({
          avg_delay: z.optional(z.number()),
          total_up: z.optional(z.number()),
          total_down: z.optional(z.number()),
          data_points: z.nullish(
            z.array(z.looseObject({ts: z.number(), delay: z.number(), status: z.number()})),
          ),
        }),
      }),
    ),
  ),
})

/** To whose agents something was sent, by ids of servers: no more than that (trap 44). One that is in no list is unknown. */
export const agentsReached = z.nullable(
  z.looseObject({
    success: z.nullish(z.array(z.number())),
    failure: z.nullish(z.array(z.number())),
    offline: z.nullish(z.array(z.number())),
  }),
)

/** An address that the firewall counts (contracts/nezha.md 3.10), its last time in Unix seconds. */
export const block = z.looseObject({
  ip: z.string(),
  block_identifier: number,
  block_reason: number,
  block_timestamp: number,
  count: number,
})

/** What `/mcp` says of an API token (contracts/nezha.md 3.11); a tool that failed has told nothing (trap 49). */
export const whoAmIResult = z.looseObject({
  isError: z.optional(z.literal(false)),
  structuredContent: z.looseObject({
    user_id: z.optional(id),
    scopes: z.array(z.string()),
    server_ids: z.nullish(z.array(id)),
  }),
})

/** What a tool of `/mcp` gives, or says where it failed (contracts/nezha.md 3.11). */
function toolResult<Content extends z.ZodMiniType>(structuredContent: Content) {
  const failed = {isError: z.literal(true), content: z.unknown(), structuredContent: z.optional(z.unknown())}
  return z.union([
    z.looseObject(failed),
    z.looseObject({isError: z.optional(z.literal(false)), structuredContent}),
  ])
}

/** What a command came to (contracts/nezha.md 3.11): -1 is of one that a signal or its time ended. */
export const ran = toolResult(
  z.looseObject({
    exit_code: z.number(),
    stdout: z.string(),
    stderr: z.string(),
    timed_out: z.optional(z.boolean()),
    stdout_truncated: z.optional(z.boolean()),
    stderr_truncated: z.optional(z.boolean()),
  }),
)

/** What is in a folder (contracts/nezha.md 3.11): a mode is in octal. */
export const folder = toolResult(
  z.looseObject({
    entries: z.nullish(
      z.array(z.looseObject({name: z.string(), type: z.string(), size: z.number(), mode: z.string()})),
    ),
    truncated: z.optional(z.boolean()),
  }),
)

/** A piece of a file. */
export const piece = toolResult(z.looseObject({content: z.string()}))

/** Where a file is fetched or brought, once (contracts/nezha.md 3.11). */
export const ticket = toolResult(z.looseObject({url: z.string()}))

/** What has arrived there. */
export const arrived = z.looseObject({size: z.number(), sha256: z.string()})

export type Server = z.infer<typeof server>
export type Group = z.infer<typeof group>
export type Frame = z.infer<typeof frame>
export type ServiceHistory = NonNullable<z.infer<typeof serviceHistory>['servers']>[number]
