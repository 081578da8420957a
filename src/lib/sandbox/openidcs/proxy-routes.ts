import type {Answer} from '../answer.js'
import {bodyOf, type Call, done, failure, hostOf, success, vmOf} from './call.js'
import {isRemoteEngine} from './engines.js'
import type {Json, JsonObject} from './json.js'
import {isTruthy, PythonError, pythonInt} from './python.js'
import {added, deleted, ruleAt} from './rule-routes.js'
import {proxyRules} from './rules.js'
import type {Host, Vm} from './vm.js'

// Proxies of the newest panel.

/** A WebProxy in the names of the API (contracts/openidcs.md 3.6, 33). */
export function shownProxy({web_addr, lan_addr, lan_port, is_https, web_tips}: JsonObject): JsonObject {
  return {
    domain: web_addr ?? '',
    backend_ip: lan_addr ?? '',
    backend_port: lan_port ?? 0,
    ssl_enabled: is_https ?? false,
    description: web_tips ?? '',
  }
}

const wantsNat = '当主机为远程IP时，必须先添加NAT映射才能代理<br/>当前映射的本地端口缺少NAT映射，请先添加映射'

/** What the panel keeps of what it is sent; what is not sent stays as it was. */
export function storedProxy(sent: JsonObject, old: JsonObject = {}): JsonObject {
  const {domain, backend_ip, backend_port, ssl_enabled, description} = sent
  return {
    lan_port: pythonInt(backend_port ?? old.lan_port ?? 80),
    lan_addr: backend_ip ?? old.lan_addr ?? '',
    web_addr: domain ?? old.web_addr ?? '',
    web_tips: description ?? old.web_tips ?? '',
    is_https: isTruthy(ssl_enabled ?? old.is_https ?? false),
  }
}

/** Route 34. */
export function addProxy(call: Call): Answer {
  const host = hostOf(call)
  const proxy = storedProxy(bodyOf(call))
  const vm = host.vms.get(call.path.vm ?? '')
  // 500, not 404.
  return vm ? add(call, host, vm, proxy) : failure(call, 500, '添加代理失败: 虚拟机不存在')
}

function add(call: Call, host: Host, vm: Vm, asked: JsonObject): Answer {
  const {state} = call
  let proxy = asked
  if (isRemoteEngine(host.type)) {
    const rule = vm.nat.find(({lan_port}) => lan_port === asked.lan_port)
    if (!rule) return failure(call, 500, `添加代理失败: ${wantsNat}`)
    // The way there is through the host (34).
    const lan_addr = String(host.config.server_addr ?? '').split(':')[0] ?? ''
    proxy = {...proxy, lan_addr, lan_port: rule.wan_port ?? 0}
  }
  const name = String(asked.web_addr)
  // The reason is left out, and the domain stays reserved (34).
  if (!state.proxyProgramWorks || state.reservedDomains.has(name)) {
    state.reservedDomains.add(name)
    return failure(call, 500, '添加代理失败: ')
  }
  if (state.domains.has(name)) return failure(call, 500, `添加代理失败: 域名 ${name} 已存在`)
  state.domains.add(name)
  vm.proxies.push(proxy)
  state.log(`添加代理: ${vm.name} ${name}`, host.name)
  return added(call, proxyRules)
}

/** Route 35. */
export function deleteProxy(call: Call): Answer {
  const {list, index} = ruleAt(call, proxyRules)
  const domain = String(list[index]?.web_addr)
  // It stays where the proxy program does not know it.
  if (!call.state.proxyProgramWorks || !call.state.domains.delete(domain)) {
    return failure(call, 500, '删除代理失败: ')
  }
  list.splice(index, 1)
  return deleted(call, proxyRules)
}

function shownAt(host: Host, vm: Vm): Json[] {
  const place = {host_name: host.name, vm_uuid: vm.name, vm_name: vm.name}
  return vm.proxies.map((proxy, proxy_index) => ({...shownProxy(proxy), ...place, proxy_index}))
}

function listed(call: Call, list: readonly Json[]): Answer {
  return success(call, {list, total: list.length})
}

/** Of every host (4). */
export function allProxies(call: Call): Answer {
  const hosts = [...call.state.hosts.values()]
  return listed(
    call,
    hosts.flatMap(host => [...host.vms.values()].flatMap(vm => shownAt(host, vm))),
  )
}

// For administrators, with the Bearer alone (4).

export function adminProxies(call: Call): Answer {
  const host = hostOf(call)
  return listed(call, shownAt(host, vmOf(call, host)))
}

export function adminAddProxy(call: Call): Answer {
  const host = hostOf(call)
  const vm = vmOf(call, host)
  const body = bodyOf(call)
  if (!isTruthy(body.domain)) return failure(call, 400, '域名不能为空')
  return add(call, host, vm, storedProxy(body))
}

/** Removes the entry, appends the new one, and writes it over whatever is in its place now (35). */
export function adminUpdateProxy(call: Call): Answer {
  vmOf(call)
  const body = bodyOf(call)
  const {list, index} = ruleAt(call, proxyRules)
  const changed = storedProxy(body, list[index])
  list.splice(index, 1)
  list.push(changed)
  list[index] = changed
  return done(call, '代理配置更新成功')
}

/** Removes the entry twice: another one goes with it, or there is none to go (35). */
export function adminDeleteProxy(call: Call): Answer {
  const {list, index} = ruleAt(call, proxyRules)
  const before = list.length
  const answer = deleteProxy(call)
  if (list.length === before) return answer
  if (index >= list.length) throw new PythonError('IndexError: pop index out of range')
  list.splice(index, 1)
  return answer
}
