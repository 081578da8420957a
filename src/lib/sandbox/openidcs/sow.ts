import * as z from 'zod/mini'
import {worldIn} from '../seed-fields.js'
import type {JsonObject} from './json.js'
import {consoleSecrets, withDefaults} from './models.js'
import {storedProxy} from './proxy-routes.js'
import {addressRules, natRules, proxyRules} from './rules.js'
import {host, type nat, type OpenidcsWorld, type vm} from './seed.js'
import type {OpenidcsState} from './state.js'
import type {Host} from './vm.js'
import {machineIn} from './vm-changes.js'

const defaultHosts = worldIn(
  z.array(host),
  `
- name: node1
  config:
    server_addr: '192.0.2.11:8697'
    public_addr: [203.0.113.11]
    ipaddr_maps:
      Set1: {vers: ipv4, type: nat, gate: 192.168.1.1, mask: 255.255.255.0, from: 192.168.1.100, nums: 50}
  vms:
    - name: web01
      ip: 192.168.1.101
      config: {cpu_num: 4, mem_num: 4096, hdd_num: 40960, os_name: debian12.vmdk}
      nat:
        - {external_port: 8080, internal_port: 80, internal_ip: 192.168.1.101, description: web}
        - {external_port: 8443, internal_port: 443, internal_ip: 192.168.1.101, description: 网站}
        - {external_port: 2201, internal_port: 22, internal_ip: 192.168.1.101, description: ssh}
        - {external_port: 5353, internal_port: 53, internal_ip: 192.168.1.101, protocol: udp}
      addresses:
        - {address: 192.168.1.101, netmask: 255.255.255.0, gateway: 192.168.1.1, nic: ethernet0, description: 主IP}
        - {address: '2001:db8::101', netmask: '64', gateway: '2001:db8::1', nic: ethernet0, type: ipv6}
      proxies:
        - {domain: www.example.com, backend_ip: 192.168.1.101, ssl_enabled: true, ssl_type: letsencrypt,
           description: 网站代理}
        - {domain: api.example.com, backend_ip: 192.168.1.101, backend_port: 8000}
    - name: web02
      ip: 192.168.1.102
      config: {cpu_num: 2, mem_num: 2048, hdd_num: 20480, os_name: debian12.vmdk}
      nat: # Whoever prints it must not let it act on the terminal.
        - {external_port: 2202, internal_port: 22, internal_ip: 192.168.1.102,
           description: "\\u001b[31mred\\u001b[0m\\u0007 \\u001b]0;title\\u0007"}
    - name: db 01
      state: stopped
      ip: 192.168.1.110
      config: {cpu_num: 8, mem_num: 16384, hdd_num: 204800, os_name: ubuntu2404.vmdk}
    - name: 测试机
      state: paused
      ip: 192.168.1.120
      config: {cpu_num: 1, mem_num: 1024, hdd_num: 10240, os_name: windows10x64}
  # Two that the panel does not know yet: scanning finds the one that its prefix fits.
  order: [web02, web01, db 01, 测试机, ecs_found, lonely]
- name: node2
  type: LxContainer
  config: {server_addr: '192.0.2.12:8443', public_addr: [203.0.113.12]}
  vms:
    - name: ct-mail
      ip: 172.16.0.11
      config: {cpu_num: 2, mem_num: 1024, hdd_num: 10240, os_name: debian12.vmdk}
      nat: [{external_port: 2525, internal_port: 25, internal_ip: 172.16.0.11, description: smtp}]
    - name: ct-dns
      ip: 172.16.0.12
      agent: false
      config: {cpu_num: 1, mem_num: 512, hdd_num: 10240, os_name: debian12.vmdk}
- name: 机房 3
  enabled: false
  reachable: false
  config: {server_addr: '192.0.2.13:8697', public_addr: [203.0.113.13]}
  vms:
    - {name: old1, state: missing, agent: false, config: {cpu_num: 1, mem_num: 1024, hdd_num: 10240}}
`,
)

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
export function sow({session, hosts = defaultHosts()}: OpenidcsWorld, state: OpenidcsState): void {
  state.addSession(session)
  for (const planned of hosts) sowHost(planned, state)
  state.logs.length = 0
  for (const added of state.hosts.values()) state.log(`宿主机${added.name}加载成功`, added.name)
}

const powers = {running: 'on', stopped: 'off', paused: 'paused'} as const

function sowHost(planned: z.output<typeof host>, state: OpenidcsState): void {
  const {name, type, enabled, reachable, config, images, order, vms} = planned
  const since = state.now() - 26 * hour
  const named = {server_name: name, enable_host: enabled}
  const added = state.addHost(name, type, {...madeConfig, ...named, ...config}, since)
  // It was there when the panel started.
  added.isLoaded = true
  const hypervisor = state.hypervisorOf(added)
  hypervisor.isReachable = reachable
  if (images) hypervisor.images = images
  const states = new Map(vms.map(wanted => [wanted.name, wanted.state]))
  for (const listed of new Set([...order, ...states.keys()])) {
    const wanted = states.get(listed) ?? 'stopped'
    if (wanted !== 'missing') hypervisor.add(listed, state.pathOf(added, listed), powers[wanted], since)
  }
  for (const wanted of vms) sowVm(added, wanted, state)
}

function sowVm(host: Host, planned: z.output<typeof vm>, state: OpenidcsState): void {
  const {name, ip, agent, config, nat: rules, addresses, proxies} = planned
  const {isNewest} = state.features
  const nic: JsonObject = ip === undefined ? {} : {nic_all: {ethernet0: {ip4_addr: ip, nic_type: 'nat'}}}
  const added = state.addVm(host, name, {
    ...consoleSecrets({}, state.features, state.random),
    os_pass: 'sandbox-os-password',
    ...nic,
    ...config,
    vm_uuid: name,
  })
  if (agent) added.agent = machineIn(added.config)
  added.nat = rules.map(rule => (isNewest ? newestNat(rule) : withDefaults(natRules.defaults, rule)))
  added.proxies = proxies.map(rule =>
    isNewest ? storedProxy(rule) : withDefaults(proxyRules.defaults, rule),
  )
  if (isNewest) for (const {domain} of proxies) state.domains.add(domain)
  else added.addresses = addresses.map(record => withDefaults(addressRules.defaults, record))
}

function newestNat(rule: z.output<typeof nat>): JsonObject {
  const {external_port, internal_port, internal_ip = '', description = ''} = rule
  return {lan_port: internal_port, wan_port: external_port, lan_addr: internal_ip, nat_tips: description}
}
