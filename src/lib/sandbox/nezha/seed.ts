import * as z from 'zod/mini'
import {amount, optionalFields} from '../seed-fields.js'
import {emptyHost, emptyStatus, machineFor} from './agent.js'
import type {Profile} from './features.js'
import type {NezhaState} from './state.js'

const host = z.strictObject(optionalFields(emptyHost))

const temperature = z.strictObject({Name: z.string(), Temperature: z.number()})
const status = z.strictObject({
  ...optionalFields(emptyStatus),
  Temperatures: z.optional(z.nullable(z.array(temperature))),
})

const server = z.strictObject({
  name: z.string(),
  id: z.optional(z.int().check(z.gte(1))),
  tag: z.optional(z.string()),
  note: z.optional(z.string()),
  secret: z.optional(z.string()),
  displayIndex: z.optional(z.int()),
  hidden: z.optional(z.boolean()),
  state: z.optional(z.enum(['online', 'offline', 'never'])),
  offlineMinutes: z.optional(amount),
  reportEverySeconds: z.optional(z.number().check(z.gt(0))),
  ipv4: z.optional(z.string()),
  ipv6: z.optional(z.string()),
  host: z.optional(host),
  status: z.optional(status),
})

const monitor = z.strictObject({
  name: z.string(),
  id: z.optional(z.int().check(z.gte(1))),
  type: z.optional(z.enum(['icmp', 'tcp', 'http'])),
  delayMs: z.optional(amount),
  loss: z.optional(z.number().check(z.gte(0), z.lte(1))),
  skipServers: z.optional(z.array(z.string())),
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

/**
 * The `nezha:` part of a seed file. Everything may be left out; without `servers` and `generate`
 * the default world is there, without `monitors` the default monitors.
 *
 * ```yaml
 * nezha:
 *   token: myToken            # accepted as Authorization
 *   cookie: mySession         # accepted as the login cookie
 *   cookieName: nezha-dashboard
 *   viewPassword: let-me-in   # none unless given
 *   profile: current          # 0.20.13; old = 0.20.10, without register; or any 0.x.y
 *   seed: 1                   # other machines, other curves
 *   generate: 10000           # that many servers more
 *   servers:
 *     - name: web1
 *       id: 7                 # the next one unless given
 *       tag: Production
 *       note: ''
 *       secret: 18 characters # random unless given
 *       displayIndex: 0
 *       hidden: false         # from guests
 *       state: online         # offline, never (reported)
 *       offlineMinutes: 180   # how long it has been offline
 *       reportEverySeconds: 1
 *       ipv4: 203.0.113.7
 *       ipv6: 2001:db8::7
 *       host: {Platform: debian, MemTotal: 8318029824}   # the panel's names; the rest is made
 *       status: {CPU: 97.5}   # these stay as they are, the others move
 *   monitors:
 *     - name: ping 1.1.1.1
 *       type: icmp            # tcp; http ones never appear in answers
 *       delayMs: 12
 *       loss: 0.02
 *       skipServers: [web1]   # by name
 * ```
 */
export const nezhaSeed = z.strictObject({
  token: z.optional(z.string().check(z.minLength(1))),
  cookie: z.optional(z.string().check(z.minLength(1))),
  cookieName: z.optional(z.string().check(z.regex(/^[!#$%&'*+.^_`|~\w-]+$/))),
  viewPassword: z.optional(z.string().check(z.minLength(1))),
  profile: z.optional(z.string().check(z.regex(/^(current|old|0\.\d+\.\d+)$/))),
  seed: z.optional(z.int()),
  generate: z.optional(z.int().check(z.gte(0), z.lte(1_000_000))),
  servers: z.optional(z.array(server).check(distinctIds)),
  monitors: z.optional(z.array(monitor).check(distinctIds)),
})

export type NezhaSeed = z.infer<typeof nezhaSeed>
type SeedServer = z.infer<typeof server>
type SeedMonitor = z.infer<typeof monitor>

/** A checked profile name, for the type. */
export function profileOf(seed: NezhaSeed): Profile {
  return (seed.profile ?? 'current') as Profile
}

/** What a world holds unless its seed says otherwise. */
export const defaultCredentials = {
  token: 'sandboxNezhaApiToken000000000001',
  cookie: 'sandboxNezhaSession0000000000001',
  cookieName: 'nezha-dashboard',
}

/** A small fleet that looks alive: hidden, offline and never reported servers among it. */
const defaultServers: readonly SeedServer[] = [
  {name: 'hub1', tag: 'Production', displayIndex: 10, ipv4: '203.0.113.10', ipv6: '2001:db8::10'},
  {
    name: 'db1',
    tag: 'Production',
    displayIndex: -5,
    hidden: true,
    reportEverySeconds: 4,
    ipv4: '',
    ipv6: '2001:db8::11',
    host: {
      Platform: 'alpine',
      PlatformVersion: '3.20.3',
      Arch: 'aarch64',
      CPU: ['Ampere Altra 2 Virtual Core'],
    },
  },
  {
    name: '香港节点',
    tag: '香港',
    displayIndex: 5,
    reportEverySeconds: 2,
    ipv4: '198.51.100.7',
    ipv6: '2001:db8:7::7',
    host: {CountryCode: 'hk', GPU: ['NVIDIA A100-SXM4-40GB']},
  },
  {name: 'backup1', tag: 'Backup', state: 'offline', offlineMinutes: 180, ipv4: '203.0.113.20'},
  {name: 'new1', tag: 'Backup', state: 'never'},
]

const defaultMonitors: readonly SeedMonitor[] = [
  {name: 'ping 1.1.1.1', type: 'icmp', delayMs: 8, loss: 0.01},
  {name: 'tcp db1:5432', type: 'tcp', delayMs: 1.5, loss: 0.04, skipServers: ['db1']},
  {name: 'status page', type: 'http', delayMs: 90},
]

const day = 24 * 60 * 60 * 1000

/**
 * Fills a state. Machines and history come from the seed number alone and are the same on every
 * run at the same time; only secrets and the order of answers are random.
 */
export function sow(seed: NezhaSeed, state: NezhaState, now: number): void {
  state.tokens.add(seed.token ?? defaultCredentials.token)
  // A login is good for two months on the panel (1.2).
  state.sessions.set(seed.cookie ?? defaultCredentials.cookie, now + 60 * day)
  const servers = seed.servers ?? (seed.generate === undefined ? defaultServers : [])
  for (const planned of servers) addServer(planned, seed.seed ?? 1, state, now)
  if (seed.generate !== undefined) state.generateServers(seed.generate)
  for (const planned of seed.monitors ?? defaultMonitors) {
    const {skipServers = [], ...monitor} = planned
    const skipped = [...state.servers.values()].filter(({name}) => skipServers.includes(name))
    state.addMonitor({...monitor, skipServers: new Set(skipped.map(({id}) => id))})
  }
}

function addServer(planned: SeedServer, seed: number, state: NezhaState, now: number): void {
  const {state: wanted = 'online', offlineMinutes = 180, reportEverySeconds = 1, ...rest} = planned
  const {ipv4, ipv6, host: hostFields, status: fixed, ...server} = rest
  const {id} = state.add(server)
  if (wanted === 'never') return
  const machine = machineFor(seed * 1000 + id, now)
  const host = {...machine.host, ...hostFields}
  // A little over a day, so that history is full.
  state.connect(
    id,
    {
      ...machine,
      host,
      ipv4: ipv4 ?? machine.ipv4,
      ipv6: ipv6 ?? machine.ipv6,
      ...(fixed && {fixed}),
    },
    reportEverySeconds,
    now - day - 3_600_000,
  )
  if (wanted === 'offline') state.disconnect(id, now - offlineMinutes * 60_000)
}
