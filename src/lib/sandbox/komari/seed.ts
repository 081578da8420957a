import * as z from 'zod/mini'
import {amount, distinct, optionalFields, word} from '../seed-fields.js'
import {profiles} from './features.js'
import {emptyNode} from './node.js'
import {emptyMetrics} from './report.js'

const uuid = z.string().check(z.regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/))
const moment = z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/))

/** Values that stay as they are, by the panel's own names. */
const metrics = z.strictObject({
  ...optionalFields(emptyMetrics),
  cpu: z.optional(z.strictObject({usage: amount.check(z.lte(100))})),
  uptime: z.optional(z.number()),
})

const {created_at: _created, updated_at: _updated, ...columns} = emptyNode

export const node = z.strictObject({
  // Every column by the panel's name.
  ...optionalFields(columns),
  name: word,
  uuid: z.optional(uuid),
  token: z.optional(word),
  cpu_cores: z.optional(z.int().check(z.gte(0))),
  cpu_physical_cores: z.optional(z.int().check(z.gte(0))),
  weight: z.optional(z.int()),
  price: z.optional(z.number()),
  billing_cycle: z.optional(z.int()),
  expired_at: z.optional(z.nullable(moment)),
  traffic_limit_type: z.optional(z.enum(['sum', 'max', 'min', 'up', 'down'])),
  state: z._default(z.enum(['online', 'offline', 'never']), 'online'),
  /** For offline ones: since when. */
  offlineMinutes: z._default(amount, 180),
  reportEverySeconds: z._default(z.number().check(z.gt(0)), 3),
  /** Since when the agent is connected; a little over a day, so that history is full. */
  historyHours: z._default(z.number().check(z.gt(0)), 26),
  metrics: z.optional(metrics),
})

export const task = z.strictObject({
  name: word,
  id: z.optional(z.int().check(z.gte(1))),
  weight: z.optional(z.int()),
  type: z._default(z.enum(['icmp', 'tcp', 'http']), 'icmp'),
  target: z.optional(z.string()),
  /** Seconds. */
  interval: z.optional(z.int().check(z.gte(1))),
  default_on: z.optional(z.boolean()),
  delayMs: z.optional(amount),
  loss: z.optional(amount.check(z.lte(1))),
  /** By name; all of them unless given. */
  nodes: z.optional(z.array(z.string())),
})

/** Which server answers on the port: the panel or one of its guides (contracts/komari.md 0.7). */
const modes = ['normal', 'install', 'migration', 'recovery'] as const

export type KomariMode = (typeof modes)[number]

/** The `komari:` part of a seed file; everything may be left out. */
export const komariSeed = z.strictObject({
  /** Older panels, their differences included. */
  profile: z._default(z.enum(profiles), '1.4'),
  /** 12 characters at least, or it never works (as on the panel). */
  apiKey: z._default(z.string(), 'sandboxKomariApiKey0000000000001'),
  autoDiscoveryKey: z._default(z.string(), 'sandboxKomariAutoKey000000000001'),
  username: z._default(word, 'admin'),
  password: z._default(word, 'sandboxKomariPassw0rd'),
  /** 2FA is on; codes by any authenticator. */
  totpSecret: z.optional(z.string().check(z.regex(/^[A-Z2-7]+=*$/))),
  /** A session_token cookie that is logged in. */
  session: z._default(word, 'sandboxKomariSession000000000001'),
  /** The guides of the panel. */
  mode: z._default(z.enum(modes), 'normal'),
  privateSite: z._default(z.boolean(), false),
  /** Of the server's clock; it shows before 1.2.7. */
  utcOffsetMinutes: z._default(z.int().check(z.gte(-720), z.lte(840)), 0),
  /** How far history goes back, 1.4 only. */
  retentionDays: z._default(z.int().check(z.gte(0)), 1),
  /** Any setting by the panel's own name. */
  settings: z.optional(z.record(z.string(), z.unknown())),
  /** Another number, other machines. */
  seed: z._default(z.int(), 1),
  /** So many made nodes. */
  generate: z.optional(z.int().check(z.gte(0), z.lte(1_000_000))),
  /** Without these and `generate` those of the default world. */
  nodes: z.optional(z.array(node).check(distinct('uuid'))),
  tasks: z.optional(z.array(task)),
})

export type KomariSeed = z.input<typeof komariSeed>
export type KomariWorld = z.output<typeof komariSeed>
export type SeedNode = z.output<typeof node>
export type SeedTask = z.output<typeof task>
