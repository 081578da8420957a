import type {JsonObject} from './json.js'
import type {Vm} from './vm.js'

/** One of the lists of rules that a VM has (contracts/openidcs.md 27 to 35). */
export interface RuleList {
  /** In the panel's messages. */
  readonly name: string
  readonly of: (vm: Vm) => JsonObject[]
  /** What the seed's panel keeps of a rule, which it neither checks nor carries out. */
  readonly defaults: JsonObject
}

export const natRules = {
  name: 'NAT规则',
  of: vm => vm.nat,
  defaults: {protocol: 'tcp', external_port: 0, internal_port: 0, internal_ip: '', description: ''},
} satisfies RuleList

export const addressRules = {
  name: 'IP地址',
  of: vm => vm.addresses,
  defaults: {type: 'ipv4', address: '', netmask: '', gateway: '', nic: '', description: ''},
} satisfies RuleList

export const proxyRules = {
  name: '代理配置',
  of: vm => vm.proxies,
  defaults: {
    domain: '',
    backend_ip: '',
    backend_port: 80,
    ssl_enabled: false,
    ssl_type: '',
    ssl_cert: '',
    ssl_key: '',
    description: '',
  },
} satisfies RuleList
