import type {Answer} from '../answer.js'
import {bodyOf, type Call, done, failure, hostOf, success, wrapping} from './call.js'
import {isKnownEngine} from './engines.js'
import {isObject, type Json, type JsonObject} from './json.js'
import {liveStatus, machineOf} from './live-status.js'
import {hostConfig} from './models.js'
import {isTruthy, PythonError, pythonText, pythonType} from './python.js'
import type {OpenidcsState} from './state.js'
import type {Host} from './vm.js'

/** What the first panels say in English and the newest in Chinese (contracts/openidcs.md 2.2). */
function said({state}: Call, english: string, chinese: string): string {
  return state.features.isNewest ? chinese : english
}

/** Route 10: an object by name. Older panels call every host active, whatever it is. */
export function list(call: Call): Answer {
  const {hosts, features} = call.state
  const shown = [...hosts.values()].map((host): [string, Json] => {
    const {name, type, config, vms} = host
    const base = {name, type, addr: config.server_addr ?? '', config, vm_count: vms.size}
    if (!features.isNewest) return [name, {...base, status: 'active'}]
    const {
      server_name = '',
      server_type = '',
      server_addr = '',
      server_area = '',
      enable_host = false,
    } = config
    const status = isTruthy(enable_host) ? 'active' : 'inactive'
    const named = {server_name, server_type, server_addr, server_area, enable_host}
    return [name, {...base, ...named, status, vms_count: vms.size}]
  })
  return success(call, Object.fromEntries(shown))
}

/** Route 11. */
export function show(call: Call): Answer {
  const host = hostOf(call)
  const {name, type, config, vms} = host
  const wanted = call.query.get('status')?.toLowerCase() === 'true'
  scheduledProbe(host, call.state)
  // A look that is taken for this answer comes too late for it.
  const last_updated = host.probe ? seconds(host.probe.at) : 0
  const status: JsonObject = wanted
    ? statusWithin(host, call.state)
    : {status: null, status_note: 'Use ?status=true to get detailed host status'}
  return success(call, {
    name,
    type,
    addr: config.server_addr ?? '',
    config,
    vm_count: vms.size,
    vm_list: [...vms.keys()],
    ...status,
    last_updated,
  })
}

const freshMilliseconds = 30_000

function statusWithin(host: Host, state: OpenidcsState): JsonObject {
  if (!state.isEnabled(host)) return {status: {}, status_source: 'disabled'}
  if (host.probe && state.now() - host.probe.at < freshMilliseconds) {
    return {status: host.probe.status, status_source: 'cached'}
  }
  const problem = probe(host, state)
  if (problem) return {status: {}, status_source: 'error', status_error: problem}
  return {status: host.probe?.status ?? {}, status_source: 'fresh'}
}

const minute = 60_000

/** The newer panels look by themselves each minute (16). */
function scheduledProbe(host: Host, state: OpenidcsState): void {
  const mark = state.now() - (state.now() % minute)
  const isDue = mark > host.addedAt && mark > (host.probe?.at ?? 0)
  if (state.features.isNewest && state.isEnabled(host) && isDue) probe(host, state, mark)
}

/** Looks at the machine; gives why it could not (16). */
function probe(host: Host, state: OpenidcsState, at = state.now()): string | undefined {
  const {features} = state
  if (!features.isNewest && !state.hasSensors) return "'coretemp'"
  const machine = machineOf(16, 65_536, 2_097_152, host.name)
  // The newer probe does not set a power at all (3.4).
  const power = features.isNewest ? 'UNKNOWN' : 'STARTED'
  host.probe = {at, status: liveStatus(machine, power, features, at)}
  return undefined
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000)
}

/** Route 12: nobody tries whether the hypervisor answers. */
export function create(call: Call): Answer {
  const {state} = call
  const body = bodyOf(call)
  const {name, type, config = {}} = body
  if (!isTruthy(name) || !isTruthy(type)) return failure(call, 400, '主机名称和类型不能为空')
  if (!isObject(config)) {
    throw new PythonError(`TypeError: '${pythonType(config)}' object does not support item assignment`)
  }
  const [hostName, engine] = [String(name), String(type)]
  if (state.hosts.has(hostName)) return failure(call, 400, said(call, 'Host already add', '主机已添加'))
  if (!isKnownEngine(engine, state.features))
    return failure(call, 400, said(call, 'Host unsupported', '不支持的主机类型'))
  // What the seed's source cannot make a host of (12).
  if (!state.features.enabledEngines.includes(engine)) throw new PythonError("KeyError: 'Imported'")
  const host = state.addHost(
    hostName,
    engine,
    state.features.isNewest ? {...config, server_name: hostName} : config,
  )
  startTools(host, state)
  state.log(`宿主机${hostName}加载成功`, hostName)
  state.log(`创建主机: 主机名称: ${hostName}, 类型: ${engine}`, hostName)
  return done(call, said(call, 'Host added successful', '主机添加成功'))
}

/** Route 13: everything that is not sent goes back to its default. */
export function update(call: Call): Answer {
  const {state, path} = call
  const {config} = bodyOf(call)
  if (!isTruthy(config) || !isObject(config)) return failure(call, 400, '配置不能为空')
  const host = state.hosts.get(path.host ?? '')
  // 400, not 404.
  if (!host) return failure(call, 400, said(call, 'Host not found', '主机未找到'))
  const type = String(config.server_type ?? '')
  if (!isKnownEngine(type, state.features)) return wrongType(call, type)
  const kept: JsonObject = 'enable_host' in host.config ? {enable_host: host.config.enable_host ?? false} : {}
  const named: JsonObject = state.features.isNewest ? {server_name: host.name} : {}
  host.config = hostConfig({...kept, ...config, ...named, server_type: type}, state.features)
  host.type = type
  host.probe = undefined
  state.log(`更新主机: ${host.name}`, host.name)
  return done(call, said(call, 'Host updated successful', '主机更新成功'))
}

function wrongType(call: Call, type: string): Answer {
  if (!call.state.features.isNewest) throw new PythonError(`KeyError: '${type}'`)
  return failure(call, 400, `创建新主机实例失败: '${type}'`)
}

/** Route 14: the hypervisor is not told. */
export function remove(call: Call): Answer {
  const {state} = call
  const host = hostOf(call)
  state.hosts.delete(host.name)
  // The newest panel keeps the rows of the VMs: they are back with a host of that name.
  if (state.features.isNewest && host.vms.size > 0) state.orphans.set(host.name, host.vms)
  state.log(`删除主机: ${host.name}`)
  return done(call, '主机已删除')
}

/** The first panels start VMware's service themselves, as only Windows can; the host is there all the same (8). */
function startTools({config}: Host, {features, windowsTools}: OpenidcsState): void {
  if (features.isNewest || !windowsTools.has(String(config.launch_path))) return
  throw new PythonError("AttributeError: module 'subprocess' has no attribute 'STARTUPINFO'")
}

/** Route 15: enables or disables the driver; an empty body enables. */
function enable(call: Call): Answer {
  const {state, path} = call
  const {enable: value = true} = bodyOf(call)
  const host = state.hosts.get(path.host ?? '')
  if (!host) return failure(call, 400, said(call, 'Host not found', '主机未找到'))
  startTools(host, state)
  if ('enable_host' in host.config) host.config = {...host.config, enable_host: isTruthy(value)}
  if (state.features.isNewest) return done(call, isTruthy(value) ? '主机启用成功' : '主机禁用成功')
  // The value as it was sent: the text "false" enables too (15).
  return done(call, `Host enable=${pythonText(value)}`)
}

export function power(call: Call): Answer {
  return call.state.features.isNewest ? wrapping('主机启用控制失败', enable)(call) : enable(call)
}

/** Route 16: a failed probe has data. */
export function status(call: Call): Answer {
  const {state, query} = call
  const host = hostOf(call)
  if (!state.isEnabled(host)) return failure(call, 403, '该主机已禁用，无法获取状态')
  scheduledProbe(host, state)
  const isRefresh = query.get('refresh')?.toLowerCase() === 'true'
  const age = host.probe ? state.now() - host.probe.at : Number.POSITIVE_INFINITY
  const keeps = (state.features.isNewest ? 600 : 60) * 1000
  if (host.probe && !isRefresh && age < keeps) {
    const {at, status} = host.probe
    return success(call, {
      status,
      source: 'cached',
      cached_at: seconds(at),
      age_seconds: seconds(state.now()) - seconds(at),
    })
  }
  if (!host.probe && !isRefresh && state.features.isNewest) {
    return success(call, {status: {}, source: 'no_data', message: '暂无主机状态数据，请等待定时任务更新'})
  }
  const problem = probe(host, state)
  if (problem) {
    return failure(call, 500, 'failed', {message: `获取主机状态时出错: ${problem}`, source: 'error'})
  }
  return success(call, {
    status: host.probe?.status ?? {},
    source: isRefresh ? 'fresh' : 'auto_refreshed',
    cached_at: seconds(state.now()),
    cache_duration: 60,
  })
}

/** What can be installed on a host, and what its engine cannot do (contracts/openidcs.md 4). */
export function osImages(call: Call): Answer {
  const {name, type, config} = hostOf(call)
  const {system_maps = {}, images_maps = {}, filter_name = '', enable_host = false, ipaddr_maps = {}} = config
  const isVmware = call.state.isVmware(hostOf(call))
  return success(call, {
    host_name: name,
    server_type: type,
    system_maps,
    images_maps,
    filter_name,
    enable_host,
    ipaddr_maps,
    ipaddr_ddns: config.ipaddr_ddns ?? [],
    ban_init: isVmware ? ['gpu_num'] : [],
    ban_edit: isVmware ? ['gpu_num'] : [],
    tab_lock: isVmware ? ['pci'] : [],
    messages: isVmware ? ['1、不支持PCI设备直通，但可分配虚拟显存', '2、支持USB设备直通'] : [],
  })
}
