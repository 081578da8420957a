import * as z from 'zod/mini'
import {amount, optionalFields, word} from '../seed-fields.js'
import {emptyHost, emptyStatus} from './agent.js'
import {profilePattern} from './features.js'

const host = z.strictObject(optionalFields(emptyHost))

const temperature = z.strictObject({Name: z.string(), Temperature: z.number()})
const status = z.strictObject({
  ...optionalFields(emptyStatus),
  Temperatures: z.optional(z.nullable(z.array(temperature))),
})

const id = z.optional(z.int().check(z.gte(1)))

export const server = z.strictObject({
  name: z.string(),
  /** The next one unless given, as for monitors. */
  id,
  tag: z.optional(z.string()),
  note: z.optional(z.string()),
  /** v1 and v2, as the uuid. */
  publicNote: z.optional(z.string()),
  uuid: z.optional(z.string()),
  /** 18 characters by chance unless given. */
  secret: z.optional(z.string()),
  displayIndex: z.optional(z.int()),
  /** From guests. */
  hidden: z.optional(z.boolean()),
  state: z._default(z.enum(['online', 'offline', 'never']), 'online'),
  /** How long it has been offline. */
  offlineMinutes: z._default(amount, 180),
  reportEverySeconds: z._default(z.number().check(z.gt(0)), 1),
  ipv4: z.optional(z.string()),
  ipv6: z.optional(z.string()),
  /** By the panel's names; the rest is made. */
  host: z.optional(host),
  /** These stay as they are, the others move. */
  status: z.optional(status),
})

export const monitor = z.strictObject({
  name: z.string(),
  id,
  /** Those that are http never appear in answers. */
  type: z._default(z.enum(['icmp', 'tcp', 'http']), 'icmp'),
  delayMs: z._default(amount, 20),
  loss: z._default(z.number().check(z.gte(0), z.lte(1)), 0),
  /** By name. */
  skipServers: z._default(z.array(z.string()), []),
})

/** The ids, given ones and those that follow from their place, as the state will hand them out. */
function distinctIds(payload: z.core.ParsePayload<ReadonlyArray<{id?: number | undefined}>>): void {
  const taken = new Set<number>()
  for (const [index, {id = Math.max(0, ...taken) + 1}] of payload.value.entries()) {
    if (taken.has(id)) {
      const path = [index, 'id']
      payload.issues.push({code: 'custom', input: id, path, message: 'is taken already'})
    }
    taken.add(id)
  }
}

/** The `nezha:` part of a seed file; everything may be left out. */
export const nezhaSeed = z
  .strictObject({
    /** Accepted as Authorization. */
    token: z._default(word, 'sandboxNezhaApiToken000000000001'),
    /** Accepted as the login cookie, which has this name. */
    cookie: z._default(word, 'sandboxNezhaSession0000000000001'),
    cookieName: z._default(z.string().check(z.regex(/^[!#$%&'*+.^_`|~\w-]+$/)), 'nezha-dashboard'),
    viewPassword: z.optional(word),
    /** Which of the three APIs it speaks. What follows until the profile is of v1 and v2. */
    generation: z._default(z.enum(['v0', 'v1', 'v2']), 'v0'),
    username: z._default(word, 'admin'),
    password: z._default(word, 'sandboxNezhaPassw0rd'),
    /** An API token that may everything; v1 has none. */
    pat: z._default(z.string().check(z.regex(/^nzp_\w+$/)), 'nzp_sandboxNezhaApiToken000000000001'),
    /** What agents log in with. */
    agentSecret: z._default(word, 'sandboxNezhaAgentSecret000000001'),
    /** Measurements of days and weeks are kept; v2 alone. */
    tsdb: z._default(z.boolean(), true),
    /** Whether /mcp is switched on; v2 alone. */
    mcp: z._default(z.boolean(), false),
    /** Guests see nothing. */
    forceAuth: z._default(z.boolean(), false),
    /** Where addresses come from: a header, or `NZ::Use-Peer-IP`. Without it the firewall is off. */
    realIpHeader: z._default(z.string(), ''),
    language: z._default(z.enum(['en-US', 'zh-CN']), 'en-US'),
    /**
     * 0.20.13, 1.14.14 or 2.3.7, as the generation is; or another version of it. `old` is 0.20.10, without register.
     */
    profile: z._default(z.string().check(z.regex(profilePattern)), 'current'),
    /** Other machines, other curves. */
    seed: z._default(z.int(), 1),
    /** That many servers. */
    generate: z.optional(z.int().check(z.gte(0), z.lte(1_000_000))),
    /** Without these and `generate` those of the default world. */
    servers: z.optional(z.array(server).check(distinctIds)),
    monitors: z.optional(z.array(monitor).check(distinctIds)),
  })
  .check(
    z.superRefine(({generation, profile}, context) => {
      const own = profile === 'old' ? 'v0' : profile === 'current' ? generation : `v${profile[0]}`
      if (own === generation) return
      context.issues.push({
        code: 'custom',
        input: profile,
        path: ['profile'],
        message: `is none of ${generation}`,
      })
    }),
  )

/** The version that a world's profile is. */
export function versionOf({generation, profile}: Pick<NezhaWorld, 'generation' | 'profile'>): string {
  return profile === 'current' ? {v0: '0.20.13', v1: '1.14.14', v2: '2.3.7'}[generation] : profile
}

export type NezhaSeed = z.input<typeof nezhaSeed>
export type NezhaWorld = z.output<typeof nezhaSeed>
