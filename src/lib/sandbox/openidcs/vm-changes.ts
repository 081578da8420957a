import type {Answer} from '../answer.js'
import type {Machine} from '../machine.js'
import {randomText} from '../random.js'
import {bodyOf, type Call, done, failure, hostOf, vmOf} from './call.js'
import {setPower} from './hypervisor.js'
import {isList, isObject, type Json, type JsonObject} from './json.js'
import {machineOf} from './live-status.js'
import {consoleSecrets, nicConfig, randomMac, vmConfig} from './models.js'
import {allocateAddress} from './nic-routes.js'
import {isTruthy, PythonError, pythonInt} from './python.js'
import type {OpenidcsState} from './state.js'
import type {Host, Vm} from './vm.js'
import {inventedStatus} from './vm-status.js'

/** What an administrator's VM grants to the account that comes with it (contracts/openidcs.md 19). */
const mainPermissions = 35_295

/** Route 19: neither name nor password nor port is in the answer. */
export function create(call: Call): Answer {
  const {state} = call
  const {features} = state
  const host = hostOf(call)
  if (!state.isEnabled(host)) return failure(call, 403, '该主机已禁用，无法创建虚拟机')
  const body = bodyOf(call)
  const checked = features.isNewest ? validated(body, host, state) : body
  if (typeof checked === 'string') return failure(call, 400, checked)
  const name = typeof checked.vm_uuid === 'string' ? checked.vm_uuid : String(checked.vm_uuid ?? '')
  const secrets = consoleSecrets(checked, features, state.random)
  const config = vmConfig(checked, features, state.random)
  const problem = installProblem(host, name, String(config.os_name), state)
  if (problem) {
    state.log(`虚拟机创建失败: ${problem}`, host.name, false)
    return failure(call, 400, `虚拟机创建失败: ${problem}`)
  }
  register(host, name, {...config, ...secrets, ...owners(host, name, state)}, state)
  state.log(`创建虚拟机: ${name}`, host.name)
  return done(call, '虚拟机创建成功')
}

function owners(host: Host, name: string, {features}: OpenidcsState): JsonObject {
  if (!features.isNewest) return {}
  return {
    own_all: {admin: 65_535, [`${host.name}-${name}`]: mainPermissions},
    efi_all: [{efi_name: name, efi_type: false}],
  }
}

function register(host: Host, name: string, config: JsonObject, state: OpenidcsState): void {
  const hypervisor = state.hypervisorOf(host)
  const path = state.pathOf(host, name)
  const known = hypervisor.machines.find(machine => machine.path === path)
  const machine = known ?? hypervisor.add(name, path, 'off', state.now())
  const vm = state.addVm(host, name, config)
  vm.config = config
  if (state.features.hasAgents) vm.agent = machineIn(config)
  // The newest powers it on, whichever VM it finds under that name (19, trap 27).
  if (state.features.isNewest) {
    setPower(state.find(host, name) ?? machine, 'on', state.now(), 'ON_OPEN')
    state.setFlag(vm, 'UNKNOWN')
  }
}

/** What an agent would find in a VM of this config. */
export function machineIn({vm_uuid, cpu_num, mem_num, hdd_num}: JsonObject): Machine {
  return machineOf(Number(cpu_num) || 1, Number(mem_num) || 1024, Number(hdd_num) || 10_240, String(vm_uuid))
}

/** Why a VM cannot be installed, as Python or VMware says it (8, 19). */
function installProblem(host: Host, name: string, image: string, state: OpenidcsState): string | undefined {
  const hypervisor = state.hypervisorOf(host)
  const {images_path, system_path, launch_path} = host.config
  const late = state.features.isNewest
  const installing = late ? '安装系统失败: ' : ''
  if (image === '') return `${installing}[Errno 21] Is a directory: '${images_path}/'`
  // S deletes the whole folder of VMs here; the emulator only says no.
  if (name === '') return `[Errno 17] File exists: '${system_path}/'`
  if (!hypervisor.images.includes(image)) {
    return `${installing}[Errno 2] No such file or directory: '${images_path}/${image}'`
  }
  if (!state.isVmware(host)) return state.problemOf(host)
  if (state.missingFolders.has(String(system_path))) {
    return `[Errno 2] No such file or directory: '${system_path}/${name}'`
  }
  if (late && image.endsWith('.vhd')) {
    return `${installing}VHD硬盘扩展异常: FileNotFoundError - [Errno 2] No such file or directory: 'powershell'`
  }
  const tool = `${launch_path}/vmware-vdiskmanager.exe`
  if (hypervisor.diskTool === 'fails') return `${installing}硬盘扩展失败: no space`
  if (hypervisor.diskTool === 'missing') {
    return `${installing}${late ? '镜像文件不存在: ' : ''}[Errno 2] No such file or directory: '${tool}'`
  }
  const problem = state.problemOf(host)
  return problem && `注册虚拟机失败: ${problem}`
}

const amounts = [
  {name: 'nat_num', fallback: 10, minimum: 1, words: 'NAT端口数量不能少于1'},
  {name: 'web_num', fallback: 10, minimum: 0, words: 'WEB代理数量不能少于0'},
  {name: 'flu_num', fallback: 0, minimum: 0, words: '流量不能少于0'},
  {name: 'speed_u', fallback: 0, minimum: 0, words: '上行带宽不能少于0'},
  {name: 'speed_d', fallback: 0, minimum: 0, words: '下行带宽不能少于0'},
  {name: 'bak_num', fallback: 1, minimum: 0, words: '备份数量不能少于0'},
  {name: 'iso_num', fallback: 1, minimum: 0, words: 'ISO数量不能少于0'},
  {name: 'pci_num', fallback: 0, minimum: 0, words: 'PCI数量不能少于0'},
  {name: 'usb_num', fallback: 0, minimum: 0, words: 'USB数量不能少于0'},
  {name: 'dat_num', fallback: 10, minimum: 0, words: '数据盘数量不能少于0'},
  {name: 'dat_all', fallback: 0, minimum: 0, words: '数据盘容量不能少于0'},
]

/** What the newest panel makes of a body; a text is what is wrong with it (19). */
function validated(body: JsonObject, host: Host, state: OpenidcsState): JsonObject | string {
  const maps = isObject(host.config.system_maps) ? host.config.system_maps : {}
  const asked = String(body.os_name ?? '')
  const entry = Object.entries(maps).find(
    ([label, value]) => label === asked || (isList(value) && value[0] === asked),
  )?.[1]
  if (asked !== '' && !entry) return `操作系统镜像不存在：${asked}`
  const [image, gigabytes] = isList(entry) ? entry : [asked, 10]
  const number = (name: string, fallback: number) => pythonInt(body[name] ?? fallback)
  const cpu_num = number('cpu_num', 2)
  if (cpu_num < 1) return 'CPU核心数不能少于1核'
  const mem_num = number('mem_num', 2048)
  if (mem_num < 1024) return '内存不能少于1GB'
  const hdd_num = number('hdd_num', 8192)
  const least = typeof gigabytes === 'number' ? gigabytes : 10
  // The default of 8192 MB is less than the default minimum (19).
  if (hdd_num < least * 1024) return `硬盘大小不能少于${least}GB`
  const numbers: Record<string, Json> = {cpu_num, mem_num, hdd_num}
  for (const {name, fallback, minimum, words} of amounts) {
    const value = number(name, fallback)
    if (value < minimum) return words
    numbers[name] = value
  }
  const generated = `${host.config.filter_name || 'vmx'}-${randomText(8, state.random)}`
  const vm_uuid = isTruthy(body.vm_uuid) ? (body.vm_uuid ?? '') : generated
  const numbered = {...body, ...numbers, vm_uuid, os_name: image ?? asked}
  return {...numbered, nic_all: withAddresses(body.nic_all, host, state)}
}

/** A NIC without an address gets one of the host's pool (19). */
function withAddresses(nics: Json | undefined, host: Host, state: OpenidcsState): Json {
  if (!isObject(nics)) return nics ?? {}
  const entries = Object.entries(nics).map(([name, nic]): [string, Json] => {
    if (!isObject(nic) || isTruthy(nic.ip4_addr)) return [name, nic]
    const address = allocateAddress(host)
    if (address === undefined) return [name, nic]
    return [
      name,
      {...nicConfig(nic, state.features, state.random), ip4_addr: address, mac_addr: randomMac(state.random)},
    ]
  })
  return Object.fromEntries(entries)
}

/** What the newest panel keeps of the old config when it is not sent (20). */
const keptOnUpdate = ['os_name', 'os_pass', 'vc_pass', 'nic_all']

/** Route 20: everything that is not sent goes back to its default, and the VM is turned off and on. */
export function update(call: Call): Answer {
  const {state, path} = call
  const {features} = state
  const host = hostOf(call)
  const body = bodyOf(call)
  const name = path.vm ?? ''
  const vm = host.vms.get(name)
  if (!vm) return failure(call, 400, `虚拟机 ${name} 不存在`)
  const kept = features.isNewest
    ? Object.fromEntries(keptOnUpdate.map(key => [key, vm.config[key] ?? '']))
    : {}
  vm.config = vmConfig({...kept, ...body, vm_uuid: name}, features, state.random)
  if (features.isNewest) resetLists(vm, body)
  const machine = state.find(host, name)
  if (machine) setPower(machine, 'off', state.now(), 'ON_STOP')
  // Without a router S ends half way, the VM turned off (20).
  if (!features.isNewest && isTruthy(vm.config.nic_all) && !state.hasRouter(host)) {
    throw new PythonError("TypeError: 'NoneType' object is not subscriptable")
  }
  if (machine) setPower(machine, 'on', state.now(), 'ON_OPEN')
  state.log(`更新虚拟机: ${name}`, host.name)
  if (features.isNewest) {
    if (!machine) return failure(call, 400, `虚拟机 ${name} 启动失败: 未找到虚拟机: ${name}`)
    state.setFlag(vm, 'ON_OPEN')
    for (let count = 0; count < 3; count++) vm.reports.push({at: state.now(), status: inventedStatus(state)})
    // It is done, and it is answered like this all the same (20).
    throw new PythonError('KeyError: 0')
  }
  return done(call, `虚拟机 ${name} 配置已更新`)
}

/** Rules that are not sent back are gone, whatever the router still does (20). */
function resetLists(vm: Vm, {nat_all, web_all}: JsonObject): void {
  vm.nat = isList(nat_all) ? nat_all.filter(isObject) : []
  vm.proxies = isList(web_all) ? web_all.filter(isObject) : []
}

/** Route 21: a refusal of the hypervisor does not keep the panel's entry (21). */
export function remove(call: Call): Answer {
  const {state, path} = call
  const {features} = state
  const host = hostOf(call)
  if (!state.isEnabled(host)) return failure(call, 403, '该主机已禁用，无法删除虚拟机')
  const name = path.vm ?? ''
  const vm = host.vms.get(name)
  // The older panels ask VMware first: trap 27 reaches another VM by a name that nobody has.
  if (!vm && features.isNewest) return failure(call, 400, `虚拟机 ${name} 不存在`)
  const machine = state.find(host, name)
  host.vms.delete(name)
  for (const {web_addr} of vm?.proxies ?? []) state.domains.delete(String(web_addr))
  if (!machine) return failure(call, 400, `未找到虚拟机: ${name}`)
  if (features.isNewest) setPower(machine, 'off', state.now(), 'ON_STOP')
  const hypervisor = state.hypervisorOf(host)
  if (hypervisor.refusesDelete !== undefined) return failure(call, 400, hypervisor.refusesDelete)
  hypervisor.remove(machine)
  state.log(`删除虚拟机: ${name}`, host.name)
  return done(call, '请求成功')
}

/** The password of the system in a VM (4). */
export function setPassword(call: Call): Answer {
  const {password} = bodyOf(call)
  if (!isTruthy(password) || String(password).trim() === '') return failure(call, 400, '新密码不能为空')
  const vm = vmOf(call)
  vm.config = {...vm.config, os_pass: password ?? ''}
  return done(call, `虚拟机 ${vm.name} 配置已更新`)
}
