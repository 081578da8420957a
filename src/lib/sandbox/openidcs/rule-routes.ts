import type {Answer} from '../answer.js'
import {bodyOf, type Call, done, failure, type Handle, hostOf, Refusal, success, vmOf} from './call.js'
import type {JsonObject} from './json.js'
import {withDefaults} from './models.js'
import {isTruthy, pythonInt} from './python.js'
import type {OpenidcsState} from './state.js'
import type {Host, Vm} from './vm.js'

/** One of the lists of rules that a VM has (contracts/openidcs.md 27 to 35). */
export interface RuleList {
  readonly of: (vm: Vm) => JsonObject[]
  readonly added: string
  readonly deleted: string
  readonly none: string
  readonly outOfRange: string
}

export const natRules: RuleList = {
  of: vm => vm.nat,
  added: 'NAT规则添加成功',
  deleted: 'NAT规则已删除',
  none: 'NAT规则不存在',
  outOfRange: 'NAT规则索引无效',
}

export const addressRules: RuleList = {
  of: vm => vm.addresses,
  added: 'IP地址添加成功',
  deleted: 'IP地址已删除',
  none: 'IP地址不存在',
  outOfRange: 'IP地址索引无效',
}

export const proxyRules: RuleList = {
  of: vm => vm.proxies,
  added: '代理配置添加成功',
  deleted: '代理配置已删除',
  none: '代理配置不存在',
  outOfRange: '代理配置索引无效',
}

export const listRules =
  (rules: RuleList, shown: (rule: JsonObject) => JsonObject = rule => rule): Handle =>
  call =>
    success(call, rules.of(vmOf(call)).map(shown))

/** What the seed's panel keeps of a rule, which it neither checks nor carries out. */
export const seedRules = {
  nat: {protocol: 'tcp', external_port: 0, internal_port: 0, internal_ip: '', description: ''},
  address: {type: 'ipv4', address: '', netmask: '', gateway: '', nic: '', description: ''},
  proxy: {
    domain: '',
    backend_ip: '',
    backend_port: 80,
    ssl_enabled: false,
    ssl_type: '',
    ssl_cert: '',
    ssl_key: '',
    description: '',
  },
}

/** Any type is fine, and an empty body adds an empty record (28, 31, 34). */
export const addRule =
  (rules: RuleList, defaults: JsonObject): Handle =>
  call => {
    const vm = vmOf(call)
    rules.of(vm).push(withDefaults(defaults, bodyOf(call)))
    return done(call, rules.added)
  }

/** The place of a rule that the path names, as far as there is one. */
export function ruleAt(call: Call, {of, none, outOfRange}: RuleList): {list: JsonObject[]; index: number} {
  const list = of(vmOf(call))
  const index = Number(call.path.index)
  if (index >= list.length) throw new Refusal(failure(call, 404, list.length === 0 ? none : outOfRange))
  return {list, index}
}

/** The ones behind it move up; the newest forgets it whatever the router says (29). */
export const deleteRule =
  (rules: RuleList): Handle =>
  call => {
    const {list, index} = ruleAt(call, rules)
    list.splice(index, 1)
    return done(call, rules.deleted)
  }

/** NAT of the newest panel, without a protocol; names of the seed are ignored: port 0 behind a public one by chance (contracts/openidcs.md 28). */
export function addNat(call: Call): Answer {
  const {state} = call
  const host = hostOf(call)
  const vm = vmOf(call, host)
  const {lan_port = 0, wan_port = 0, lan_addr = '', nat_tips = ''} = bodyOf(call)
  if (!state.hasRouter(host)) return failure(call, 500, '端口映射创建失败: 未知错误')
  const taken = takenPorts(host)
  const wanted = isTruthy(wan_port) ? pythonInt(wan_port) : freePort(host, taken, state)
  if (wanted === undefined) return failure(call, 500, '端口映射创建失败: 主机端口可用数量不够')
  if (taken.has(wanted)) return failure(call, 500, '端口映射创建失败: 端口已被占用')
  vm.nat.push({lan_port: pythonInt(lan_port), wan_port: wanted, lan_addr, nat_tips})
  state.log(`添加端口映射: ${vm.name}`, host.name)
  return done(call, natRules.added)
}

function takenPorts(host: Host): Set<number> {
  const rules: readonly JsonObject[] = [...host.vms.values()].flatMap(vm => vm.nat)
  return new Set(rules.map(({wan_port}) => Number(wan_port)))
}

function freePort({config}: Host, taken: ReadonlySet<number>, {random}: OpenidcsState): number | undefined {
  const first = Number(config.ports_start)
  const last = Math.min(Number(config.ports_close), 65_535)
  const free = Array.from({length: Math.max(0, last - first + 1)}, (_, index) => first + index).filter(
    port => port > 0 && !taken.has(port),
  )
  return free[Math.floor(random() * free.length)]
}
