import * as z from 'zod/mini'
import {distinct, word} from '../seed-fields.js'
import {type Profile, profiles} from './features.js'
import type {Json, JsonObject} from './json.js'
import {consoleSecrets, withDefaults} from './models.js'
import type {MachinePower} from './power.js'
import {seedRules} from './rule-routes.js'
import type {OpenidcsState} from './state.js'
import type {Host} from './vm.js'
import {machineIn} from './vm-changes.js'

const json: z.ZodMiniType<Json> = z.json()
const fields = z.record(z.string(), json)
const port = z.int().check(z.gte(0), z.lte(65_535))

const nat = z.strictObject({
  protocol: z.optional(z.enum(['tcp', 'udp'])),
  external_port: port,
  internal_port: port,
  internal_ip: z.optional(z.string()),
  description: z.optional(z.string()),
})

const address = z.strictObject({
  type: z.optional(z.enum(['ipv4', 'ipv6'])),
  address: z.string(),
  netmask: z.optional(z.string()),
  gateway: z.optional(z.string()),
  nic: z.optional(z.string()),
  description: z.optional(z.string()),
})

const proxy = z.strictObject({
  domain: z.string(),
  backend_ip: z.optional(z.string()),
  backend_port: z.optional(port),
  ssl_enabled: z.optional(z.boolean()),
  ssl_type: z.optional(z.string()),
  description: z.optional(z.string()),
})

const vm = z.strictObject({
  name: word,
  state: z.optional(z.enum(['running', 'stopped', 'paused', 'missing'])),
  agent: z.optional(z.boolean()),
  ip: z.optional(z.string()),
  config: z.optional(fields),
  nat: z.optional(z.array(nat)),
  addresses: z.optional(z.array(address)),
  proxies: z.optional(z.array(proxy)),
})

const host = z.strictObject({
  name: word,
  type: z.optional(word),
  enabled: z.optional(z.boolean()),
  reachable: z.optional(z.boolean()),
  config: z.optional(fields),
  images: z.optional(z.array(z.string())),
  order: z.optional(z.array(z.string())),
  vms: z.optional(z.array(vm)),
})

/**
 * The OpenIDCS part of a seed file. Everything is optional; without `hosts` there is a small default
 * world.
 *
 * ```yaml
 * openidcs:
 *   profile: seed             # newest, c5ee1c9: other versions, their failures included
 *   token: my-own-token
 *   session: s3ss10n          # a session cookie that is logged in
 *   slow: 2s                  # how long each write takes; ms, s
 *   debug: true               # false: JSON in one line, short pages for crashes
 *   hosts:
 *     - name: node1
 *       type: VMWareSetup     # LxContainer
 *       enabled: true         # newest alone knows disabled hosts
 *       reachable: true       # whether its hypervisor answers
 *       config: {filter_name: ecs_}   # any field of the host's config; the rest is made
 *       images: [debian12.vmdk]       # files in images_path
 *       order: [web10, web1]  # how the hypervisor lists its VMs; others among them are not in the panel
 *       vms:
 *         - name: web01
 *           state: running    # stopped, paused, missing (the hypervisor does not know it)
 *           agent: true       # reports its figures; never does otherwise
 *           ip: 192.168.1.101
 *           config: {cpu_num: 4, mem_num: 4096}   # any field of the VM's config
 *           nat: [{protocol: tcp, external_port: 8080, internal_port: 80, internal_ip: 192.168.1.101}]
 *           addresses: [{address: 192.168.1.101, nic: ethernet0}]   # the older versions alone
 *           proxies: [{domain: www.example.com, backend_ip: 192.168.1.101, backend_port: 80}]
 * ```
 */
export const openidcsSeed = z.strictObject({
  profile: z.optional(z.enum(profiles)),
  token: z.optional(word),
  session: z.optional(word),
  slow: z.optional(z.string().check(z.regex(/^\d+(\.\d+)?(ms|s)$/))),
  debug: z.optional(z.boolean()),
  hosts: z.optional(
    z.array(z.extend(host, {vms: z.optional(z.array(vm).check(distinct('name')))})).check(distinct('name')),
  ),
})

export type OpenidcsSeed = z.infer<typeof openidcsSeed>
type SeedHost = z.infer<typeof host>
type SeedVm = z.infer<typeof vm>

/** What a world holds unless its seed says otherwise. */
export const defaultCredentials = {
  token: 'sandboxOpenidcsToken000000000001',
  session: 'sandboxOpenidcsSession0000000001',
}

const defaultHosts: readonly SeedHost[] = [
  {
    name: 'node1',
    type: 'VMWareSetup',
    config: {
      server_addr: '192.0.2.11:8697',
      public_addr: ['203.0.113.11'],
      ipaddr_maps: {
        Set1: {
          vers: 'ipv4',
          type: 'nat',
          gate: '192.168.1.1',
          mask: '255.255.255.0',
          from: '192.168.1.100',
          nums: 50,
        },
      },
    },
    vms: [
      {
        name: 'web01',
        ip: '192.168.1.101',
        config: {cpu_num: 4, mem_num: 4096, hdd_num: 40_960, os_name: 'debian12.vmdk'},
        nat: [
          {external_port: 8080, internal_port: 80, internal_ip: '192.168.1.101', description: 'web'},
          {external_port: 8443, internal_port: 443, internal_ip: '192.168.1.101', description: '网站'},
          {external_port: 2201, internal_port: 22, internal_ip: '192.168.1.101', description: 'ssh'},
          {protocol: 'udp', external_port: 5353, internal_port: 53, internal_ip: '192.168.1.101'},
        ],
        addresses: [
          {
            address: '192.168.1.101',
            netmask: '255.255.255.0',
            gateway: '192.168.1.1',
            nic: 'ethernet0',
            description: '主IP',
          },
          {type: 'ipv6', address: '2001:db8::101', netmask: '64', gateway: '2001:db8::1', nic: 'ethernet0'},
        ],
        proxies: [
          {
            domain: 'www.example.com',
            backend_ip: '192.168.1.101',
            backend_port: 80,
            ssl_enabled: true,
            ssl_type: 'letsencrypt',
            description: '网站代理',
          },
          {domain: 'api.example.com', backend_ip: '192.168.1.101', backend_port: 8000},
        ],
      },
      {
        name: 'web02',
        ip: '192.168.1.102',
        config: {cpu_num: 2, mem_num: 2048, hdd_num: 20_480, os_name: 'debian12.vmdk'},
        // Whoever prints it must not let it act on the terminal.
        nat: [
          {
            external_port: 2202,
            internal_port: 22,
            internal_ip: '192.168.1.102',
            description: '\u001b[31mred\u001b[0m\u0007 \u001b]0;title\u0007',
          },
        ],
      },
      {
        name: 'db 01',
        state: 'stopped',
        ip: '192.168.1.110',
        config: {cpu_num: 8, mem_num: 16_384, hdd_num: 204_800, os_name: 'ubuntu2404.vmdk'},
      },
      {
        name: '测试机',
        state: 'paused',
        ip: '192.168.1.120',
        config: {cpu_num: 1, mem_num: 1024, hdd_num: 10_240, os_name: 'windows10x64'},
      },
    ],
    // Two that the panel does not know yet: scanning finds the one that its prefix fits.
    order: ['web02', 'web01', 'db 01', '测试机', 'ecs_found', 'lonely'],
  },
  {
    name: 'node2',
    type: 'LxContainer',
    config: {server_addr: '192.0.2.12:8443', public_addr: ['203.0.113.12']},
    vms: [
      {
        name: 'ct-mail',
        ip: '172.16.0.11',
        config: {cpu_num: 2, mem_num: 1024, hdd_num: 10_240, os_name: 'debian12.vmdk'},
        nat: [{external_port: 2525, internal_port: 25, internal_ip: '172.16.0.11', description: 'smtp'}],
      },
      {
        name: 'ct-dns',
        ip: '172.16.0.12',
        agent: false,
        config: {cpu_num: 1, mem_num: 512, hdd_num: 10_240, os_name: 'debian12.vmdk'},
      },
    ],
  },
  {
    name: '机房 3',
    type: 'VMWareSetup',
    enabled: false,
    reachable: false,
    config: {server_addr: '192.0.2.13:8697', public_addr: ['203.0.113.13']},
    vms: [
      {name: 'old1', state: 'missing', agent: false, config: {cpu_num: 1, mem_num: 1024, hdd_num: 10_240}},
    ],
  },
]

/** What hosts have unless their seed says otherwise. */
const madeConfig: JsonObject = {
  server_user: 'root',
  server_pass: 'sandbox-hypervisor-password',
  filter_name: 'ecs_',
  images_path: '/srv/openidcs/images',
  system_path: '/srv/openidcs/disks',
  backup_path: '/srv/openidcs/backup',
  extern_path: '/srv/openidcs/extern',
  launch_path: '/srv/openidcs/launch',
  network_nat: 'nat',
  i_kuai_addr: 'http://192.0.2.1',
  i_kuai_user: 'admin',
  i_kuai_pass: 'sandbox-router-password',
  ports_start: 10_000,
  ports_close: 20_000,
  remote_port: 6090,
  system_maps: {
    'Windows 10': ['windows10x64', 10],
    'Debian 12': ['debian12.vmdk', 8],
    'Ubuntu 24.04': ['ubuntu2404.vmdk', 8],
  },
}

const hour = 3_600_000

/** Fills a state. */
export function sow(seed: OpenidcsSeed, state: OpenidcsState): void {
  state.addSession(seed.session ?? defaultCredentials.session)
  for (const planned of seed.hosts ?? defaultHosts) sowHost(planned, state)
  state.logs.length = 0
  for (const added of state.hosts.values()) state.log(`宿主机${added.name}加载成功`, added.name)
}

function sowHost(planned: SeedHost, state: OpenidcsState): void {
  const {
    name,
    type = 'VMWareSetup',
    enabled = true,
    reachable = true,
    config = {},
    images,
    order,
    vms = [],
  } = planned
  const since = state.now() - 26 * hour
  const named = {server_name: name, enable_host: enabled}
  const added = state.addHost(name, type, {...madeConfig, ...named, ...config}, since)
  // It was there when the panel started.
  added.isLoaded = true
  const hypervisor = state.hypervisorOf(added)
  hypervisor.isReachable = reachable
  if (images) hypervisor.images = images
  const powers: Readonly<Record<string, MachinePower>> = {stopped: 'off', paused: 'paused'}
  const known = new Map(vms.map(planned => [planned.name, planned]))
  const listed = [
    ...(order ?? []),
    ...vms.map(planned => planned.name).filter(name => !order?.includes(name)),
  ]
  for (const listedName of listed) {
    const wanted = known.get(listedName)
    if (wanted?.state === 'missing') continue
    const power = wanted ? (powers[wanted.state ?? 'running'] ?? 'on') : 'off'
    hypervisor.add(listedName, state.pathOf(added, listedName), power, since)
  }
  for (const wanted of vms) sowVm(added, wanted, state)
}

function sowVm(host: Host, planned: SeedVm, state: OpenidcsState): void {
  const {name, ip, agent = true, config = {}, nat: rules = [], addresses = [], proxies = []} = planned
  const nic: JsonObject = ip === undefined ? {} : {nic_all: {ethernet0: {ip4_addr: ip, nic_type: 'nat'}}}
  const added = state.addVm(host, name, {
    ...consoleSecrets({}, state.features, state.random),
    os_pass: 'sandbox-os-password',
    ...nic,
    ...config,
    vm_uuid: name,
  })
  if (agent) added.agent = machineIn(added.config)
  const {isNewest} = state.features
  added.nat = rules.map(rule => (isNewest ? newestNat(rule) : withDefaults(seedRules.nat, rule)))
  added.addresses = isNewest ? [] : addresses.map(record => withDefaults(seedRules.address, record))
  added.proxies = proxies.map(record =>
    isNewest ? newestProxy(record) : withDefaults(seedRules.proxy, record),
  )
  for (const {domain} of proxies) if (isNewest) state.domains.add(domain)
}

function newestNat({
  external_port,
  internal_port,
  internal_ip = '',
  description = '',
}: z.infer<typeof nat>): JsonObject {
  return {lan_port: internal_port, wan_port: external_port, lan_addr: internal_ip, nat_tips: description}
}

function newestProxy({
  domain,
  backend_ip = '',
  backend_port = 80,
  ...rest
}: z.infer<typeof proxy>): JsonObject {
  return {
    lan_port: backend_port,
    lan_addr: backend_ip,
    web_addr: domain,
    web_tips: rest.description ?? '',
    is_https: rest.ssl_enabled ?? false,
  }
}

/** A checked profile name, for the type. */
export function profileOf(seed: OpenidcsSeed): Profile {
  return seed.profile ?? 'seed'
}

/** `2s` or `500ms` in milliseconds. */
export function slowMillisecondsOf({slow = '0ms'}: OpenidcsSeed): number {
  const [, amount = '0', unit] = /^([\d.]+)(ms|s)$/.exec(slow) ?? []
  return Number(amount) * (unit === 's' ? 1000 : 1)
}
