import type {Answer} from '../answer.js'
import {bodyOf, type Call, done, failure, hostOf, success, vmOf} from './call.js'
import {isObject, type Json, type JsonObject} from './json.js'
import {macOf, nicConfig, randomMac} from './models.js'
import {isTruthy} from './python.js'
import type {Host, Vm} from './vm.js'

function nicsOf({config}: Vm): JsonObject {
  return isObject(config.nic_all) ? config.nic_all : {}
}

/** In the order of their names: JSON of the panel is sorted (contracts/openidcs.md 30). */
export function list(call: Call): Answer {
  const shown = Object.entries(nicsOf(vmOf(call))).map(
    ([nic_name, nic]): Json => ({nic_name, ...(isObject(nic) ? nic : {})}),
  )
  return success(call, shown)
}

/** The first address of the host's pools that none of its VMs has. */
export function allocateAddress(host: Host): string | undefined {
  if (!isObject(host.config.ipaddr_maps)) return undefined
  const taken = new Set<Json | undefined>()
  for (const vm of host.vms.values()) {
    for (const nic of Object.values(nicsOf(vm))) if (isObject(nic)) taken.add(nic.ip4_addr)
  }
  for (const pool of Object.values(host.config.ipaddr_maps)) {
    if (!isObject(pool) || pool.vers === 'ipv6') continue
    const start = numberOf(String(pool.from))
    for (let index = 0; index < Number(pool.nums ?? 0); index++) {
      const address = addressOf(start + index)
      if (!taken.has(address)) return address
    }
  }
  return undefined
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

function addressOf(number: number): string {
  return [24, 16, 8, 0].map(shift => Math.floor(number / 2 ** shift) % 256).join('.')
}

/** Adds a card; names of the seed are ignored, and an address is allocated (31). */
export function add(call: Call): Answer {
  const {features, random} = call.state
  const host = hostOf(call)
  const vm = vmOf(call, host)
  const body = bodyOf(call)
  const {nic_type = 'nat', ip4_addr = '', ip6_addr = '', nic_gate = '', nic_mask = '255.255.255.0'} = body
  const allocated = isTruthy(ip4_addr) ? undefined : allocateAddress(host)
  if (!isTruthy(ip4_addr) && allocated === undefined) {
    return failure(call, 400, '自动分配IP失败: 没有可用的IP地址')
  }
  const nics = nicsOf(vm)
  const name = freeName(nics)
  const {dns_addr = host.config.ipaddr_ddns ?? []} = body
  const nic = {nic_type, ip4_addr: allocated ?? ip4_addr, ip6_addr, nic_gate, nic_mask, dns_addr}
  const mac: JsonObject = allocated === undefined ? {} : {mac_addr: randomMac(random)}
  change(call, vm, {...nics, [name]: nicConfig({...nic, ...mac}, features, random)})
  call.state.log(`添加网卡: ${vm.name} ${name}`, host.name)
  // The only place that tells the name (31).
  return done(call, `网卡 ${name} 添加成功`)
}

/** A change of cards is an update: whatever is found under the name of the VM is turned off and on (31, trap 27). */
function change(call: Call, vm: Vm, nics: JsonObject): void {
  const {state} = call
  vm.config = {...vm.config, nic_all: nics}
  state.power(hostOf(call), vm.name, 'hard_stop')
  state.power(hostOf(call), vm.name, 'start')
  state.setFlag(vm, 'ON_OPEN')
}

function freeName(nics: JsonObject): string {
  for (let index = Object.keys(nics).length; ; index++) if (!(`nic${index}` in nics)) return `nic${index}`
}

/** One of its two routes makes a number of the name: no card is ever found there (32). */
export function remove(call: Call): Answer {
  const vm = vmOf(call)
  const nics = nicsOf(vm)
  const {nic: name = ''} = call.path
  if (Object.keys(nics).length === 0) return failure(call, 404, '网卡列表为空')
  // A number as text is no longer what it was: 007 is looked for as 7.
  const wanted = /^\d+$/.test(name) ? String(Number(name)) : name
  if (!(wanted in nics)) return failure(call, 404, `网卡 ${wanted} 不存在`)
  const {[wanted]: _, ...left} = nics
  change(call, vm, left)
  return done(call, `网卡 ${wanted} 已删除`)
}

export function update(call: Call): Answer {
  const {features, random} = call.state
  const vm = vmOf(call)
  const body = bodyOf(call)
  const nics = nicsOf(vm)
  const {nic: name = ''} = call.path
  const old = nics[name]
  if (!isObject(old)) return failure(call, 404, `网卡 ${name} 不存在`)
  const changed = {...old, ...body}
  const mac_addr = macOf(String(changed.ip4_addr), features, random)
  change(call, vm, {...nics, [name]: nicConfig({...changed, mac_addr}, features, random)})
  return done(call, `网卡 ${name} 配置已更新`)
}
