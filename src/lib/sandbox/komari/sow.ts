import * as z from 'zod/mini'
import {bootTimeOf, hardwareOf} from '../machine.js'
import {noise, uuidOf} from '../random.js'
import {worldIn} from '../seed-fields.js'
import {instantAt, parseInstant} from './instant.js'
import type {NodeColumns} from './node.js'
import {machineOf} from './report.js'
import {type KomariWorld, node, type SeedNode, type SeedTask, task} from './seed.js'
import type {KomariState} from './state.js'

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
export function hardwareColumns(seed: number): Partial<NodeColumns> {
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
