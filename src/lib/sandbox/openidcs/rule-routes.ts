import {bodyOf, type Call, done, failure, type Handle, Refusal, success, vmOf} from './call.js'
import type {JsonObject} from './json.js'
import {withDefaults} from './models.js'
import type {Vm} from './vm.js'

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
