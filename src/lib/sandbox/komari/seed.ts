import * as z from 'zod/mini'
import {bootTimeOf, hardwareOf} from '../machine.js'
import {noise, uuidOf} from '../random.js'
import {amount, distinct, optionalFields, word, worldIn} from '../seed-fields.js'
import {profiles} from './features.js'
import {instantAt, parseInstant} from './instant.js'
import {emptyNode, type NodeColumns} from './node.js'
import {emptyMetrics, machineOf} from './report.js'
import {type KomariState, modes} from './state.js'

const uuid = z.string().check(z.regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/))
const moment = z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/))

/** Values that stay as they are, by the panel's own names. */
const metrics = z.strictObject({
  ...optionalFields(emptyMetrics),
  cpu: z.optional(z.strictObject({usage: amount.check(z.lte(100))})),
  uptime: z.optional(z.number()),
})

const {created_at: _created, updated_at: _updated, ...columns} = emptyNode

const node = z.strictObject({
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

const task = z.strictObject({
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

/** The `komari:` part of a seed file; everything may be left out. */
export const komariSeed = z.strictObject({
  /** Older panels, their differences included. */
  profile: z._default(z.enum(profiles), '1.4'),
  /** 12 characters at least, or it never works (as on the panel). */
  apiKey: z._default(z.string(), 'sandboxKomariApiKey0000000000001'),
  autoDiscoveryKey: z._default(z.string(), 'sandboxKomariDiscovery0000000001'),
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
type SeedNode = z.output<typeof node>
type SeedTask = z.output<typeof task>

/** A small fleet that looks alive: a hidden, an offline and a never reported node, each kind of price and date among it. */
const defaultWorld = worldIn(
  z.strictObject({nodes: z.array(node), tasks: z.array(task)}),
  `
nodes:
  - {name: web1, uuid: 3f1c7f0e-5a52-4c8e-9d06-6f3f4f1b8a01, group: Production, tags: linux;web, weight: 10, region: 🇺🇸,
     price: 9.9, billing_cycle: 30, auto_renewal: true, expired_at: '2027-01-31T00:00:00Z',
     traffic_limit: 1099511627776, traffic_limit_type: sum,
     public_remark: front page, ipv4: 203.0.113.10, ipv6: '2001:db8::10'}
  - {name: db1, uuid: 7b0d8c5e-1e0b-4f39-8a35-0f8f6a2c9b02, group: Production, tags: linux;db, weight: 5, region: 🇩🇪,
     hidden: true, remark: the primary, ipv6: '2001:db8::11'}
  - {name: 香港节点, uuid: c4e2a9d7-93a8-4a0d-b1c6-2d7be05f3c03, group: 香港, tags: 测试;高防<Red>, weight: 20, region: 🇭🇰,
     price: -1, billing_cycle: 365, currency: ¥, expired_at: '2200-01-01T00:00:00Z',
     gpu_name: NVIDIA GeForce RTX 3090, reportEverySeconds: 2}
  - {name: backup1, uuid: e95d1b36-0c7f-4d3b-92f4-8a1e6c0d7d04, group: Backup, weight: 20, state: offline,
     expired_at: '0001-01-01T00:00:00Z'}
  - {name: new1, uuid: f2a64c18-6d9e-4b57-a0e3-b5c9d8170e05, weight: 30, state: never}
tasks:
  - {name: ping 1.1.1.1, type: icmp, target: 1.1.1.1, interval: 60, delayMs: 8, loss: 0.01}
  - {name: 上海电信, type: tcp, target: '192.0.2.1:80', interval: 30, delayMs: 40, loss: 0.1, nodes: [web1, 香港节点]}
  - {name: unreachable, type: http, target: 'http://192.0.2.2/', interval: 300, loss: 1, nodes: [web1]}
`,
)

const hour = 3_600_000

/**
 * Fills a state. Machines and history come from the seed number alone and are the same on every run
 * at the same time; only secrets and the order of answers are random.
 */
export function sow(world: KomariWorld, state: KomariState, now: number): void {
  const {generate, settings} = world
  Object.assign(state.settings, {
    api_key: world.apiKey,
    auto_discovery_key: world.autoDiscoveryKey,
    private_site: world.privateSite,
    ...settings,
  })
  state.addSession(world.session)
  const isDefault = world.nodes === undefined && generate === undefined
  for (const planned of world.nodes ?? (isDefault ? defaultWorld().nodes : [])) {
    addNode(planned, world.seed, state, now)
  }
  const made = z.parse(node, {name: 'node'})
  const digits = String(generate ?? 0).length
  for (let index = 1; index <= (generate ?? 0); index++) {
    const name = `node-${String(index).padStart(digits, '0')}`
    addNode({...made, name, group: `group-${index % 10}`, weight: index % 4}, world.seed, state, now)
  }
  for (const planned of world.tasks ?? (isDefault ? defaultWorld().tasks : [])) addTask(planned, state)
}

function addTask({nodes, ...planned}: SeedTask, state: KomariState): void {
  const all = [...state.nodes.values()].map(({columns}) => columns)
  const clients = all.filter(({name}) => nodes === undefined || nodes.includes(name)).map(({uuid}) => uuid)
  state.addTask({...planned, clients})
}

function addNode(planned: SeedNode, number: number, state: KomariState, now: number): void {
  const {state: wanted, offlineMinutes, reportEverySeconds, historyHours, metrics: fixed, ...own} = planned
  const seed = number * 1_000_003 + state.nodes.size
  const since = now - historyHours * hour
  const {columns: added} = state.add({
    ...(wanted !== 'never' && hardwareColumns(seed)),
    ...own,
    // The same number, the same uuid.
    uuid: own.uuid ?? uuidOf(index => noise(seed, 200, index)),
    expired_at: own.expired_at ? (parseInstant(own.expired_at) ?? null) : null,
    created_at: instantAt(since - hour),
    updated_at: instantAt(since),
  })
  if (wanted === 'never') return
  const machine = machineOf(added, seed, bootTimeOf(seed, now))
  state.connect(added.uuid, {...machine, ...(fixed && {fixed})}, reportEverySeconds, since)
  if (wanted === 'offline') state.disconnect(added.uuid, now - offlineMinutes * 60_000)
}

/** What an agent uploads of a machine that is made out of one number. */
function hardwareColumns(seed: number): Partial<NodeColumns> {
  const {model, isArm, system, cores, memory, swap, disk, address} = hardwareOf(seed)
  return {
    cpu_name: model,
    virtualization: 'kvm',
    arch: isArm ? 'arm64' : 'amd64',
    cpu_cores: cores,
    cpu_physical_cores: Math.max(1, cores / 2),
    os: system.os,
    kernel_version: system.kernel,
    gpu_name: 'None',
    ipv4: address,
    mem_total: memory,
    swap_total: swap,
    disk_total: disk,
    version: '1.2.60',
  }
}
