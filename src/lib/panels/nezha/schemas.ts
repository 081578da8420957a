import * as z from 'zod/mini'

// Counters may exceed 2^53 (a wrapped speed is about 1.8e19, contracts/nezha.md 1.4): numbers, not integers.
// What came in a later version than 0.16 is optional (1.0).

/** In Unix seconds, up to which nothing was reported since the dashboard started: Go's zero time is -62135596800 (contracts/nezha.md 1.3). */
export const NEVER = 0

/** Go's zero time, which is where nothing was reported. */
export const ZERO_TIME = -62_135_596_800

/** A server as `/server/list` gives it. `display_index` and `hide_for_guest` are always 0 and false there (trap 8). */
export const server = z.looseObject({
  id: z.number(),
  name: z.string(),
  tag: z.string(),
  /** Unix seconds; -62135596800 where nothing was reported since the dashboard started (1.3). */
  last_active: z.number(),
  ipv4: z.string(),
  ipv6: z.string(),
  valid_ip: z.string(),
  display_index: z.optional(z.number()),
  hide_for_guest: z.optional(z.boolean()),
  /** What v1 and v2 tell besides: of a server's groups each has a name, which several may have (contracts/nezha.md 3.3). */
  uuid: z.optional(z.string()),
  groups: z.optional(z.array(z.string())),
  online: z.optional(z.boolean()),
  /** Whether it told anything since the dashboard started: v2.2.11 forgets when as soon as the agent is gone (trap 53). */
  reported: z.optional(z.boolean()),
  note: z.optional(z.string()),
  public_note: z.optional(z.string()),
  country: z.optional(z.string()),
})

const temperature = z.looseObject({Name: z.string(), Temperature: z.number()})

/** A server with what its agent reported last. Sizes are bytes, speeds bytes per second, times seconds (1.4). */
export const serverDetails = z.extend(server, {
  host: z.looseObject({
    Platform: z.string(),
    PlatformVersion: z.string(),
    CPU: z.nullable(z.array(z.string())),
    MemTotal: z.number(),
    DiskTotal: z.number(),
    SwapTotal: z.number(),
    Arch: z.string(),
    Virtualization: z.string(),
    BootTime: z.number(),
    CountryCode: z.string(),
    Version: z.string(),
    GPU: z.optional(z.nullable(z.array(z.string()))),
  }),
  status: z.looseObject({
    CPU: z.number(),
    MemUsed: z.number(),
    SwapUsed: z.number(),
    DiskUsed: z.number(),
    NetInTransfer: z.number(),
    NetOutTransfer: z.number(),
    NetInSpeed: z.number(),
    NetOutSpeed: z.number(),
    Uptime: z.number(),
    Load1: z.number(),
    Load5: z.number(),
    Load15: z.number(),
    TcpConnCount: z.number(),
    UdpConnCount: z.number(),
    ProcessCount: z.number(),
    Temperatures: z.optional(z.nullable(z.array(temperature))),
    GPU: z.optional(z.number()),
  }),
})

/** The delays of one monitor to one server: `created_at[i]` (Unix ms, cut to the minute) goes with `avg_delay[i]` (ms, 0 = lost). */
export const monitor = z.looseObject({
  monitor_id: z.number(),
  server_id: z.number(),
  monitor_name: z.string(),
  server_name: z.string(),
  created_at: z.array(z.number()),
  avg_delay: z.array(z.number()),
})

export type Server = z.infer<typeof server>
export type ServerDetails = z.infer<typeof serverDetails>
export type Monitor = z.infer<typeof monitor>
