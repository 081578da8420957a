import type {Answer} from '../answer.js'
import {bodyOf, type Call, done, failure, hostOf, success} from './call.js'
import {isTruthy} from './python.js'

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

/** The password of the system in a VM (4). */
export function setPassword(call: Call): Answer {
  const {password} = bodyOf(call)
  if (!isTruthy(password) || String(password).trim() === '') return failure(call, 400, '新密码不能为空')
  const host = hostOf(call)
  const vm = host.vms.get(call.path.vm ?? '')
  if (!vm) return failure(call, 400, '虚拟机不存在')
  vm.config = {...vm.config, os_pass: password ?? ''}
  return done(call, `虚拟机 ${vm.name} 配置已更新`)
}
