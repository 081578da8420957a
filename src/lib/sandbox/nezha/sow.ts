import * as z from 'zod/mini'
import {worldIn} from '../seed-fields.js'
import type {Fleet} from './fleet.js'
import {monitor, type NezhaWorld, server} from './seed.js'

/** A small fleet that looks alive: hidden, offline and never reported servers among it. */
const defaultWorld = worldIn(
  z.strictObject({servers: z.array(server), monitors: z.array(monitor)}),
  `
servers:
  - {name: hub1, tag: Production, displayIndex: 10, ipv4: 203.0.113.10, ipv6: '2001:db8::10'}
  - {name: db1, tag: Production, displayIndex: -5, hidden: true, reportEverySeconds: 4, ipv4: '', ipv6: '2001:db8::11',
     host: {Platform: alpine, PlatformVersion: 3.20.3, Arch: aarch64, CPU: [Ampere Altra 2 Virtual Core]}}
  - {name: 香港节点, tag: 香港, displayIndex: 5, reportEverySeconds: 2, ipv4: 198.51.100.7, ipv6: '2001:db8:7::7',
     host: {CountryCode: hk, GPU: [NVIDIA A100-SXM4-40GB]}}
  - {name: backup1, tag: Backup, state: offline, ipv4: 203.0.113.20}
  - {name: new1, tag: Backup, state: never}
monitors:
  - {name: ping 1.1.1.1, type: icmp, delayMs: 8, loss: 0.01}
  - {name: 'tcp db1:5432', type: tcp, delayMs: 1.5, loss: 0.04, skipServers: [db1]}
  - {name: status page, type: http, delayMs: 90}
`,
)

const day = 24 * 60 * 60 * 1000

/**
 * Fills a state. Machines and history come from the seed number alone and are the same on every
 * run at the same time; only secrets and the order of answers are random.
 */
export function sow(world: NezhaWorld, state: Fleet, now: number): void {
  const servers = world.servers ?? (world.generate === undefined ? defaultWorld().servers : [])
  for (const planned of servers) addServer(planned, world.seed, state, now)
  generate(world.generate ?? 0, state, now)
  for (const {skipServers, ...monitor} of world.monitors ?? defaultWorld().monitors) {
    const skipped = [...state.servers.values()].filter(({name}) => skipServers.includes(name))
    state.addMonitor({...monitor, skipServers: new Set(skipped.map(known => known.id))})
  }
}

/** Servers that report: full hosts, moving status, ten tags. */
function generate(count: number, state: Fleet, now: number): void {
  const digits = String(count).length
  for (let index = 1; index <= count; index++) {
    const name = `node-${String(index).padStart(digits, '0')}`
    const {id} = state.add({name, tag: `group-${index % 10}`, displayIndex: -(index % 4)})
    state.connect(id, state.machine(id, now), 1 + (id % 4), now - 600_000 - (id % 1000))
  }
}

function addServer(planned: z.output<typeof server>, number: number, state: Fleet, now: number): void {
  const {
    state: wanted,
    offlineMinutes,
    reportEverySeconds,
    ipv4,
    ipv6,
    host: given,
    status: fixed,
    ...own
  } = planned
  const added = state.add(own)
  if (wanted === 'never') return
  const made = state.machine(number * 1000 + added.id, now)
  const machine = {
    ...made,
    host: {...made.host, ...given},
    ipv4: ipv4 ?? made.ipv4,
    ipv6: ipv6 ?? made.ipv6,
    ...(fixed && {fixed}),
  }
  // A little over a day, so that history is full.
  state.connect(added.id, machine, reportEverySeconds, now - day - 3_600_000)
  if (wanted === 'offline') state.disconnect(added.id, now - offlineMinutes * 60_000)
}
