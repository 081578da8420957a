import type {Features} from './features.js'
import type {JsonObject} from './json.js'

const pc = ['x86_64']
const both = ['x86_64', 'aarch64']
const everywhere = ['Linux', 'Windows', 'MacOS']

interface Engine {
  readonly description: string
  readonly platform: readonly string[]
  readonly arch: readonly string[]
  readonly options?: JsonObject
  /** Of the seed's panel. */
  readonly message?: string
  /** Of the newest. */
  readonly messages?: readonly string[]
  /** Whether the newest reaches it over the network; it does but for one. */
  readonly is_remote?: boolean
}

/** The ten engines of the seed's panel (contracts/openidcs.md 7). */
const first: Readonly<Record<string, Engine>> = {
  VMWareSetup: {description: 'VMWare Workstation', platform: ['Windows'], arch: pc},
  HyperVSetup: {
    description: 'Win HyperV Platform',
    platform: ['Windows'],
    arch: pc,
    message: '1、无法单独限制上下行带宽，取最低值',
  },
  PromoxSetup: {description: 'PVE Runtime Platform', platform: ['Linux', 'Windows'], arch: both},
  VirtualBoxs: {description: 'PVE Runtime Platform', platform: ['Linux', 'Windows'], arch: both},
  vSphereESXi: {description: 'vSphere ESXi Runtime', platform: ['Linux', 'Windows'], arch: pc},
  MemuAndroid: {
    description: 'XYAndroid Simulator',
    platform: ['Windows'],
    arch: pc,
    options: {
      graphics_render_mode: '图形渲染模式(1:DirectX, 0:OpenGL)',
      enable_su: '是否以超级用户权限启动',
      enable_audio: '是否启用音频',
      fps: '帧率',
    },
  },
  LxContainer: {description: 'Linux Container App', platform: ['Linux'], arch: both},
  DockerSetup: {description: 'Docker Runtime Host', platform: everywhere, arch: both},
  PodmanSetup: {description: 'Podman Runtime, Host', platform: everywhere, arch: both},
  MacOSFusion: {description: 'VMware Fusion Pro Mac', platform: ['MacOS'], arch: both},
}

export function isKnownEngine(name: string, {isNewest, enabledEngines}: Features): boolean {
  return isNewest ? enabledEngines.includes(name) : name in first
}

const containers = [
  '1、不支持分配GPU设备，不支持设置显存的大小',
  '2、不支持挂载ISO镜像、不支持挂载额外的硬盘',
  '3、不支持PCI和USB设备直通',
]

/** Those that the newest panel shows on Linux: the enabled ones, but for VMWareSetup, which runs on Windows (7). */
const later: Readonly<Record<string, Engine>> = {
  HyperVSetup: {
    description: 'Windows HyperV x64',
    platform: ['Windows'],
    arch: pc,
    messages: ['1、无法单独限制上下行带宽，取二者最低值分配', '2、不支持USB直通，支持GPU PV和DDA设备直通'],
  },
  LxContainer: {description: 'LinuxContainer Env', platform: ['Linux'], arch: both, messages: containers},
  OCInterface: {
    description: 'Docker Runtime Env',
    platform: ['Linux', 'MacOS'],
    arch: both,
    messages: containers,
  },
  PromoxSetup: {description: 'ProxmoxVE Platform', platform: ['Linux', 'Windows'], arch: both},
  QEMUServer: {
    description: 'QEMU/KVM Platform',
    platform: ['Linux'],
    arch: both,
    messages: [
      '1、通过virsh/libvirt管理QEMU/KVM虚拟机',
      '2、支持PCI/USB设备直通',
      '3、VNC远程桌面（自动分配端口）',
      '4、修改密码需要虚拟机安装qemu-guest-agent',
    ],
  },
  VirtualBoxs: {
    description: 'Oracle VirtualBox',
    platform: everywhere,
    arch: both,
    is_remote: false,
    messages: [
      '1、通过VBoxManage命令行管理虚拟机',
      '2、支持USB设备直通（需要VirtualBox扩展包）',
      '3、远程桌面通过VRDE（RDP协议）实现',
    ],
  },
  vSphereESXi: {description: 'vSphereESXi Server', platform: everywhere, arch: both},
}

export function engineList({isNewest, enabledEngines}: Features): JsonObject {
  if (!isNewest) {
    return Object.fromEntries(
      Object.entries(first).map(([name, {options = {}, message = '', ...engine}]) => [
        name,
        {...engine, name, options, message, enabled: enabledEngines.includes(name)},
      ]),
    )
  }
  const shown = Object.entries(later).map(([name, engine]) => [
    name,
    {is_remote: true, messages: [], ...engine, name, enabled: true, options: {}},
  ])
  return {current_platform: 'Linux', current_arch: 'x86_64', engine_types: Object.fromEntries(shown)}
}

/** Whether the newest panel reaches hosts of a type over the network (34). */
export function isRemoteEngine(name: string): boolean {
  const engine = later[name]
  return engine !== undefined && engine.is_remote !== false
}
