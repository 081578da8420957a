import {usageError} from '../../../errors.js'
import {isMask} from '../../../mask.js'
import {nearestNames} from '../../../nearest-names.js'
import type {Given, Shape} from '../configuration.js'
import {vmFields} from '../fields.js'

/** What `vm show` prints; `config` of it is what is taken. */
export const vmShape: Shape = {
  fields: vmFields,
  besides: ['uuid', 'status', 'user_permissions', 'is_admin', 'current_user'],
}

/** The field behind each flag (contracts/openidcs.md 3.2). */
const flagFields = {
  name: 'vm_uuid',
  os: 'os_name',
  cpu: 'cpu_num',
  'cpu-percent': 'cpu_per',
  memory: 'mem_num',
  disk: 'hdd_num',
  gpu: 'gpu_num',
  'gpu-memory': 'gpu_mem',
  up: 'speed_u',
  down: 'speed_d',
  traffic: 'flu_num',
  'nat-limit': 'nat_num',
  'proxy-limit': 'web_num',
} as const

/** The field behind each part of `--nic` (3.3). */
const nicParts: Readonly<Record<string, string>> = {
  ip4: 'ip4_addr',
  ip6: 'ip6_addr',
  type: 'nic_type',
  mac: 'mac_addr',
  gateway: 'nic_gate',
  mask: 'nic_mask',
  device: 'nic_devs',
}

type Assignment = Given['assignments'][number]

/** What flags say of a VM. */
export type VmWishes = {readonly [Flag in keyof typeof flagFields]?: string | number | undefined} & {
  readonly nic: readonly string[]
}

/** The fields of `name=ethernet0,ip4=192.168.1.100,type=nat`. */
function nicOf(text: string): Assignment[] {
  const parts = text.split(',').map((part): [string, string] => {
    const end = part.indexOf('=')
    if (end < 1) throw usageError(`--nic "${text}": "${part}" is not name=value`, nicExample)
    return [part.slice(0, end), part.slice(end + 1)]
  })
  const name = parts.find(([key]) => key === 'name')?.[1]
  if (!name) throw usageError(`--nic "${text}" has no name`, nicExample)
  const others = parts.filter(([key]) => key !== 'name')
  if (others.length === 0) throw usageError(`--nic "${text}" says nothing of ${name}`, nicExample)
  return others.map(([key, value]) => {
    const field = nicParts[key]
    if (field !== undefined) return {path: ['nic_all', name, field], text: value}
    const [near] = nearestNames(key, Object.keys(nicParts))
    throw usageError(
      `--nic "${text}": there is no "${key}"`,
      near === undefined ? `there are name, ${Object.keys(nicParts).join(', ')}` : `did you mean ${near}?`,
    )
  })
}

const nicExample = '--nic name=ethernet0,ip4=192.168.1.100,type=nat'

/**
 * What a person gave: a file, flags on top of it, and `--set` on top of both.
 * @throws PanelctlError USAGE
 */
export function givenVm(wishes: VmWishes, input: Given & {readonly password: string | undefined}): Given {
  const {document, password} = input
  if (password !== undefined && isMask(password)) throw usageError('the password is a mask and not a value')
  const flags = Object.entries(flagFields).flatMap(([flag, field]): Assignment[] => {
    const value = wishes[flag as keyof typeof flagFields]
    return value === undefined ? [] : [{path: [field], text: String(value)}]
  })
  const secret = password === undefined ? [] : [{path: ['os_pass'], text: password}]
  return {
    document,
    assignments: [...flags, ...wishes.nic.flatMap(nicOf), ...secret, ...input.assignments],
  }
}
