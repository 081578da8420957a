import type {Answer} from '../answer.js'
import {randomText} from '../random.js'
import {bodyIfAny, bodyOf, type Call, done, failure, hostOf, listOf, success, vmOf} from './call.js'
import {isObject, type Json, type JsonObject} from './json.js'
import {hardwareStatus} from './models.js'
import {type Action, effects, isAction} from './power.js'
import {isTruthy, PythonError, pythonText} from './python.js'
import type {OpenidcsState} from './state.js'
import type {Host, Vm} from './vm.js'
import {historyOf, inventedStatus} from './vm-status.js'

const everything = 65_535

/** A VM as it is shown; the newest has rules, power and permissions with it (contracts/openidcs.md 3.2). */
function shownVm(host: Host, vm: Vm, state: OpenidcsState): JsonObject {
  if (!state.features.isNewest) return {uuid: vm.name, config: vm.config}
  const config = {...vm.config, nat_all: vm.nat, web_all: vm.proxies, vm_flag: state.flagOf(host, vm)}
  return {uuid: vm.name, config, user_permissions: everything}
}

/** Route 17: an object by name. */
export function list(call: Call): Answer {
  const {state} = call
  const host = hostOf(call)
  if (!state.isEnabled(host)) return success(call, {})
  const shown = [...host.vms.values()].map((vm): [string, Json] => [
    vm.name,
    {...shownVm(host, vm, state), status: listedStatus(host, vm, state)},
  ])
  return success(call, Object.fromEntries(shown))
}

/** Null where nothing was ever said, all of it, or only the latest (17). */
function listedStatus(host: Host, vm: Vm, state: OpenidcsState): Json {
  const history = historyOf(host, vm, state)
  if (state.features.isNewest) return history.slice(-1)
  return history.length === 0 && !vm.isStored ? null : history
}

/** Route 18. */
export function show(call: Call): Answer {
  const {state} = call
  const host = hostOf(call)
  const vm = vmOf(call, host)
  const shown = shownVm(host, vm, state)
  if (state.features.isNewest) return success(call, {...shown, is_admin: true, current_user: 'admin'})
  const history = historyOf(host, vm, state)
  const invents = state.features.hasAccidents && history.length === 0 && !vm.isStored
  return success(call, {...shown, status: invents ? [inventedStatus(state)] : history})
}

/** Route 22. */
export function power(call: Call): Answer {
  const {state, path} = call
  const host = hostOf(call)
  if (!state.isEnabled(host)) return failure(call, 403, '该主机已禁用，无法执行电源操作')
  const {action = 'start'} = bodyOf(call)
  if (!isAction(action)) return failure(call, 400, `不支持的操作: ${pythonText(action)}`)
  const name = path.vm ?? ''
  const vm = host.vms.get(name)
  // Nothing is sent to VMware, not even for a VM that nobody knows (22).
  if (action === 'stop' && state.features.isNewest && state.isVmware(host)) {
    if (vm) {
      state.setFlag(vm, 'ON_STOP', 5000)
      vm.reports.push({at: state.now(), status: inventedStatus(state)})
    }
    return done(call, '正在等待系统软关机')
  }
  const machine = state.find(host, name)
  if (!machine) {
    if (vm && state.features.isNewest) vm.reports.push({at: state.now(), status: inventedStatus(state)})
    return failure(call, 400, `未找到虚拟机: ${name}`)
  }
  if (isReset(action) && state.isVmware(host) && !state.features.isNewest) {
    return failure(
      call,
      400,
      "HTTP错误 400: Bad Request - {'Code': 109, 'Message': 'The operation is not supported'}",
    )
  }
  state.power(host, name, action)
  if (vm && state.features.isNewest) noteAction(vm, action, host, state)
  state.log(`电源操作 ${action}: ${name}`, host.name)
  return done(call, '电源操作成功')
}

function isReset(action: Action): boolean {
  return action === 'reset' || action === 'hard_reset'
}

/** The newest panel notes the way, and an empty status with each (3.5). */
function noteAction(vm: Vm, action: Action, host: Host, state: OpenidcsState): void {
  vm.reports.push({at: state.now(), status: inventedStatus(state)})
  if (isReset(action)) {
    // On VMware nobody looks again until the next minute (3.5).
    const untilNextMinute = Math.max(minute - (state.now() % minute), 5000)
    state.setFlag(vm, 'ON_STOP', state.isVmware(host) ? untilNextMinute : undefined)
  } else state.setFlag(vm, action === 'hard_stop' ? 'STOPPED' : effects[action].on)
}

const minute = 60_000

/** Route 23. */
export function status(call: Call): Answer {
  const {state, path} = call
  const {features} = state
  const host = hostOf(call)
  if (features.isNewest) {
    const vm = vmOf(call, host)
    const history = historyOf(host, vm, state)
    return success(call, {
      power_status: state.flagOf(host, vm),
      history: history.length > 0 ? history : [inventedStatus(state)],
    })
  }
  const vm = host.vms.get(path.vm ?? '')
  const history = vm ? historyOf(host, vm, state) : []
  if (history.length > 0 && features.hasAccidents && vm?.isStored) {
    throw new PythonError('TypeError: vars() argument must have __dict__ attribute')
  }
  // An unknown VM is no failure (23).
  return success(call, history.length === 0 && features.hasAccidents ? [inventedStatus(state)] : history)
}

/** Route 24. */
export function scan(call: Call): Answer {
  const {state, path} = call
  const {isNewest, hasAccidents} = state.features
  const body = isNewest ? bodyIfAny(call) : bodyOf(call)
  const host = state.hosts.get(path.host ?? '')
  if (!host) return failure(call, 400, `Host ${path.host} not found`)
  const problem = state.problemOf(host)
  if (problem)
    return failure(call, 400, `${isNewest ? '获取虚拟机列表失败' : 'Failed to get VM list'}: ${problem}`)
  const prefix = String(isTruthy(body.prefix) ? body.prefix : (host.config.filter_name ?? ''))
  const names = state.hypervisorOf(host).machines.map(({name}) => name)
  const found = names.filter(name => name.startsWith(prefix))
  const added = found.filter(name => !host.vms.has(name))
  for (const name of added) {
    const vm = state.addVm(host, name, {})
    vm.isStored = true
    // Nobody looks at it before the next minute (3.5).
    state.setFlag(vm, 'UNKNOWN', minute - (state.now() % minute))
  }
  if (added.length > 0 && hasAccidents) {
    return failure(call, 400, 'Failed to save scanned VMs to database')
  }
  if (added.length > 0) state.log(`扫描虚拟机: ${added.join(', ')}`, host.name)
  return done(call, `扫描完成。共扫描到${found.length}台虚拟机，新增${added.length}台虚拟机配置。`, {
    scanned: found.length,
    added: added.length,
    prefix_filter: prefix,
  })
}

/** Route 25: whoever knows a MAC may, and learns a password. */
export function upload(call: Call): Answer {
  const {state, query} = call
  const mac = query.get('nic')
  if (!mac) return failure(call, 400, 'MAC地址参数缺失')
  const body = bodyOf(call)
  if (!isTruthy(body)) return failure(call, 400, '状态数据为空')
  for (const host of state.hosts.values()) {
    for (const vm of host.vms.values()) {
      if (!hasMac(vm, mac)) continue
      noteUpload(vm, body, state)
      const secret = state.features.isNewest ? vm.config.os_pass : vm.config.vc_pass
      return done(call, `虚拟机 ${vm.name} 状态已更新`, {
        hs_name: host.name,
        vm_uuid: vm.name,
        vm_pass: secret ?? '',
        ...(state.features.isNewest && {vm_flag: state.flagOf(host, vm)}),
      })
    }
  }
  return failure(call, 404, `未找到MAC地址为 ${mac} 的虚拟机`)
}

function hasMac({config}: Vm, mac: string): boolean {
  const nics = isObject(config.nic_all) ? Object.values(config.nic_all) : []
  return nics.some(nic => isObject(nic) && String(nic.mac_addr).toLowerCase() === mac.toLowerCase())
}

function noteUpload(vm: Vm, body: JsonObject, state: OpenidcsState): void {
  const status = hardwareStatus(body, state.features, state.now())
  const last = vm.reports.at(-1)?.status
  // The newest adds traffic up (25).
  const adds = state.features.isNewest && last !== undefined
  const total = Number(status.flu_usage) + Number(last?.flu_usage ?? 0)
  vm.reports.push({at: state.now(), status: adds ? {...status, flu_usage: total} : status})
}

/** Route 26: a new token each time, which ends the one before. */
export function remote(call: Call): Answer {
  const {state, path} = call
  const host = hostOf(call)
  const vm = host.vms.get(path.vm ?? '')
  const {isNewest, hasAccidents} = state.features
  if (!vm) return failure(call, 400, isNewest ? '虚拟机不存在' : '无法获取VNC控制台地址')
  if (!isTruthy(vm.config.vc_port) || !isTruthy(vm.config.vc_pass)) {
    return failure(call, 400, isNewest ? 'VNC端口或密码未设置' : '无法获取VNC控制台地址')
  }
  if (hasAccidents && !host.isLoaded) {
    return failure(call, 500, "获取VNC控制台失败: 'NoneType' object has no attribute 'exec'")
  }
  const [address] = listOf(host.config.public_addr)
  if (address === undefined) {
    return isNewest
      ? failure(call, 400, '主机未配置公网地址')
      : failure(call, 500, '获取VNC控制台失败: list index out of range')
  }
  const token = randomText(16, state.random)
  const page = `http://${pythonText(address)}:${host.config.remote_port}/vnc.html`
  return done(call, '获取成功', `${page}?autoconnect=true&path=websockify?token=${token}`)
}
