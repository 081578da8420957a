import type {Answer} from '../answer.js'
import {bodyOf, type Call, done, failure, hostOf, indexOf, success, vmOf} from './call.js'
import {isRemoteEngine} from './engines.js'
import type {Json, JsonObject} from './json.js'
import {wantsSessionToWrite} from './login.js'
import {isTruthy, PythonError, pythonInt} from './python.js'
import {proxyWords} from './rule-routes.js'
import type {Host, Vm} from './vm.js'

/** A WebProxy in the names of the API (contracts/openidcs.md 3.6, 33). */
function shownProxy({web_addr, lan_addr, lan_port, is_https, web_tips}: JsonObject): JsonObject {
  return {
    domain: web_addr ?? '',
    backend_ip: lan_addr ?? '',
    backend_port: lan_port ?? 0,
    ssl_enabled: is_https ?? false,
    description: web_tips ?? '',
  }
}

export function listProxies(call: Call): Answer {
  return success(call, vmOf(call).proxies.map(shownProxy))
}

const wantsNat = '当主机为远程IP时，必须先添加NAT映射才能代理<br/>当前映射的本地端口缺少NAT映射，请先添加映射'

/** Route 34. */
export function addProxy(call: Call): Answer {
  wantsSessionToWrite(call)
  const host = hostOf(call)
  const body = bodyOf(call)
  const port = pythonInt(body.backend_port ?? 80)
  const vm = host.vms.get(call.path.vm ?? '')
  // 500, not 404.
  if (!vm) return failure(call, 500, '添加代理失败: 虚拟机不存在')
  return add(call, host, vm, body, port)
}

function add(call: Call, host: Host, vm: Vm, body: JsonObject, port: number): Answer {
  const {state} = call
  const {domain = '', backend_ip = '', ssl_enabled = false, description = ''} = body
  let proxy: JsonObject = {
    lan_port: port,
    lan_addr: backend_ip,
    web_addr: domain,
    web_tips: description,
    is_https: isTruthy(ssl_enabled),
  }
  const isRemote = state.features.proxiesWantNat || isRemoteEngine(host.type)
  if (isRemote) {
    const rule = vm.nat.find(({lan_port}) => lan_port === port)
    if (!rule) return failure(call, 500, `添加代理失败: ${wantsNat}`)
    // The way there is through the host (34).
    proxy = {...proxy, lan_addr: hostAddress(host), lan_port: rule.wan_port ?? 0}
  }
  const name = String(domain)
  // The reason is left out, and the domain stays reserved (34).
  if (!state.proxyProgramWorks || state.reservedDomains.has(name)) {
    state.reservedDomains.add(name)
    return failure(call, 500, '添加代理失败: ')
  }
  if (state.domains.has(name)) return failure(call, 500, `添加代理失败: 域名 ${name} 已存在`)
  state.domains.add(name)
  vm.proxies.push(proxy)
  state.log(`添加代理: ${vm.name} ${name}`, host.name)
  return done(call, proxyWords.added)
}

function hostAddress({config}: Host): Json {
  return String(config.server_addr ?? '').split(':')[0] ?? ''
}

/** Route 35. */
export function deleteProxy(call: Call): Answer {
  wantsSessionToWrite(call)
  const {proxies} = vmOf(call)
  if (proxies.length === 0) return failure(call, 404, proxyWords.none)
  if (indexOf(call) >= proxies.length) return failure(call, 404, proxyWords.outOfRange)
  if (!remove(call, proxies, indexOf(call))) return failure(call, 500, '删除代理失败: ')
  return done(call, proxyWords.deleted)
}

/** Whether the proxy program knew it; it stays otherwise. */
function remove({state}: Call, proxies: JsonObject[], index: number): boolean {
  const domain = String(proxies[index]?.web_addr)
  if (!state.proxyProgramWorks || !state.domains.delete(domain)) return false
  proxies.splice(index, 1)
  return true
}

function placed(host: Host, vm: Vm): Json[] {
  return vm.proxies.map((proxy, proxy_index) => ({
    ...shownProxy(proxy),
    host_name: host.name,
    vm_uuid: vm.name,
    vm_name: vm.name,
    proxy_index,
  }))
}

function everyProxy(hosts: Iterable<Host>): JsonObject {
  const list = [...hosts].flatMap(host => [...host.vms.values()].flatMap(vm => placed(host, vm)))
  return {list, total: list.length}
}

/** The proxies of the account (4). */
export function ownProxies(call: Call): Answer {
  wantsSessionToWrite(call)
  return success(call, everyProxy(call.state.hosts.values()))
}

/** For administrators, with the Bearer alone (4). */
export function allProxies(call: Call): Answer {
  return success(call, everyProxy(call.path.host === undefined ? call.state.hosts.values() : [hostOf(call)]))
}

export function adminProxies(call: Call): Answer {
  const host = hostOf(call)
  const list = placed(host, vmOf(call, host))
  return success(call, {list, total: list.length})
}

export function adminAddProxy(call: Call): Answer {
  const host = hostOf(call)
  const vm = vmOf(call, host)
  const body = bodyOf(call)
  if (!isTruthy(body.domain)) return failure(call, 400, '域名不能为空')
  return add(call, host, vm, body, pythonInt(body.backend_port ?? 80))
}

/** Removes the entry, appends the new one, and writes it over whatever is in its place now (35). */
export function adminUpdateProxy(call: Call): Answer {
  const {proxies} = vmOf(call)
  const {domain, backend_ip, backend_port, ssl_enabled, description} = bodyOf(call)
  const index = indexOf(call)
  const old = proxies[index]
  if (!old) return failure(call, 404, proxies.length === 0 ? proxyWords.none : proxyWords.outOfRange)
  const changed: JsonObject = {
    lan_port: backend_port === undefined ? (old.lan_port ?? 0) : pythonInt(backend_port),
    lan_addr: backend_ip ?? old.lan_addr ?? '',
    web_addr: domain ?? old.web_addr ?? '',
    web_tips: description ?? old.web_tips ?? '',
    is_https: ssl_enabled === undefined ? (old.is_https ?? false) : isTruthy(ssl_enabled),
  }
  proxies.splice(index, 1)
  proxies.push(changed)
  proxies[index] = changed
  return done(call, '代理配置更新成功')
}

/** Removes the entry twice: another one goes with it, or there is none to go (35). */
export function adminDeleteProxy(call: Call): Answer {
  const {proxies} = vmOf(call)
  const index = indexOf(call)
  if (proxies.length === 0) return failure(call, 404, proxyWords.none)
  if (index >= proxies.length) return failure(call, 404, proxyWords.outOfRange)
  if (!remove(call, proxies, index)) return failure(call, 500, '删除代理失败: ')
  if (index >= proxies.length) throw new PythonError('IndexError: pop index out of range')
  proxies.splice(index, 1)
  return done(call, proxyWords.deleted)
}
