import type {Answer} from '../answer.js'
import {bodyOf, type Call, done, failure, indexOf, success, vmOf} from './call.js'
import {withDefaults} from './host-config.js'
import type {JsonObject} from './json.js'
import type {Vm} from './vm.js'

/** One of the three lists of records of the older panels, which nobody checks or carries out (27 to 35). */
export interface RecordList {
  readonly of: (vm: Vm) => JsonObject[]
  readonly defaults: JsonObject
  readonly added: string
  readonly deleted: string
  readonly none: string
  readonly outOfRange: string
}

export const natWords = {
  added: 'NAT规则添加成功',
  deleted: 'NAT规则已删除',
  none: 'NAT规则不存在',
  outOfRange: 'NAT规则索引无效',
}

export const proxyWords = {
  added: '代理配置添加成功',
  deleted: '代理配置已删除',
  none: '代理配置不存在',
  outOfRange: '代理配置索引无效',
}

export const natRecords: RecordList = {
  ...natWords,
  of: vm => vm.nat,
  defaults: {protocol: 'tcp', external_port: 0, internal_port: 0, internal_ip: '', description: ''},
}

export const addressRecords: RecordList = {
  of: vm => vm.addresses,
  defaults: {type: 'ipv4', address: '', netmask: '', gateway: '', nic: '', description: ''},
  added: 'IP地址添加成功',
  deleted: 'IP地址已删除',
  none: 'IP地址不存在',
  outOfRange: 'IP地址索引无效',
}

export const proxyRecords: RecordList = {
  ...proxyWords,
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
}

export const listRecords =
  (records: RecordList) =>
  (call: Call): Answer =>
    success(call, records.of(vmOf(call)))

/** Any type is fine, and an empty body adds an empty record (28, 31, 34). */
export const addRecord =
  (records: RecordList) =>
  (call: Call): Answer => {
    const vm = vmOf(call)
    const body = bodyOf(call)
    records.of(vm).push(withDefaults(records.defaults, body))
    return done(call, records.added)
  }

/** The ones behind it move up (29). */
export const deleteRecord =
  (records: RecordList) =>
  (call: Call): Answer => {
    const list = records.of(vmOf(call))
    if (list.length === 0) return failure(call, 404, records.none)
    if (indexOf(call) >= list.length) return failure(call, 404, records.outOfRange)
    list.splice(indexOf(call), 1)
    return done(call, records.deleted)
  }
