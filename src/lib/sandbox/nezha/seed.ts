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
export const nezhaSeed = z.strictObject({
  /** Accepted as Authorization. */
  token: z._default(word, 'sandboxNezhaApiToken000000000001'),
  /** Accepted as the login cookie, which has this name. */
  cookie: z._default(word, 'sandboxNezhaSession0000000000001'),
  cookieName: z._default(z.string().check(z.regex(/^[!#$%&'*+.^_`|~\w-]+$/)), 'nezha-dashboard'),
  viewPassword: z.optional(word),
  /** 0.20.13; `old` is 0.20.10, without register; or any 0.x.y. */
  profile: z._default(z.string().check(z.regex(profilePattern)), 'current'),
  /** Other machines, other curves. */
  seed: z._default(z.int(), 1),
  /** That many servers. */
  generate: z.optional(z.int().check(z.gte(0), z.lte(1_000_000))),
  /** Without these and `generate` those of the default world. */
  servers: z.optional(z.array(server).check(distinctIds)),
  monitors: z.optional(z.array(monitor).check(distinctIds)),
})

export type NezhaSeed = z.input<typeof nezhaSeed>
export type NezhaWorld = z.output<typeof nezhaSeed>
