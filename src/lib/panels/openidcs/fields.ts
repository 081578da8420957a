import type {Form} from './address-forms.js'

/**
 * What a field takes: a form a text that looks like it, `count` a number from 0 on, `port` one up to 65535, `megabytes` also a size (`4G`), `texts` a list, `any` whatever JSON
 * there is; `one` an object with these fields, `each` many of them by name, `items` a list of them.
 */
export type FieldKind =
  | 'text'
  | Form
  | 'number'
  | 'count'
  | 'port'
  | 'megabytes'
  | 'flag'
  | 'texts'
  | 'any'
  | {readonly one: ConfigFields}
  | {readonly each: ConfigFields}
  | {readonly items: ConfigFields}

/** All that is said of a field: its schema, its flag, its names in `--set` and files, and its column follow from it. */
export interface ConfigField {
  readonly kind: FieldKind
  /** The seed's server has it: where a version leaves it out, it is null in JSON. */
  readonly seed?: true
  /** The flag that sets it, or the part of `--nic`. */
  readonly flag?: string
  /** Of the flag. */
  readonly summary?: string
  readonly min?: number
  readonly placeholder?: string
  /** The column that shows it. */
  readonly column?: string
  readonly unit?: 'percent'
  /** 0 is that there is none, and not an amount to show. */
  readonly noneAt0?: true
  /** Where the column is: in a list as well; else on the page of one thing. */
  readonly on?: 'list'
}

/** Fields by their name in the panel, in the order of flags and columns. */
export type ConfigFields = Readonly<Record<string, ConfigField>>

// What any version knows: the panel ignores the fields it does not (contracts/openidcs.md 2.2 no. 12, 2.3 no. 19), so
// that a slip of the pen has to be found here.

const seed = true

const port = {kind: 'port'} as const

/** NCConfig: a network card (3.3). */
export const nicFields: ConfigFields = {
  ip4_addr: {kind: 'ipv4', flag: 'ip4'},
  ip6_addr: {kind: 'ipv6', flag: 'ip6'},
  nic_type: {kind: 'text', flag: 'type'},
  mac_addr: {kind: 'mac', flag: 'mac'},
  nic_gate: {kind: 'address', flag: 'gateway'},
  nic_mask: {kind: 'mask', flag: 'mask'},
  nic_devs: {kind: 'text', flag: 'device'},
  dns_addr: {kind: 'texts'},
}

/** SDConfig: a disk besides the first one (3.6). */
const diskFields: ConfigFields = {
  ...each({kind: 'text'}, 'name', 'hdd_name', 'hdd_file'),
  ...each({kind: 'megabytes'}, 'size', 'hdd_size'),
  ...each({kind: 'any'}, 'hdd_scsi', 'hdd_type'),
  hdd_flag: {kind: 'count'},
}

/** VMConfig: MB, Mbps, percent (3.2), and what creating takes besides (2.3 no. 19). */
export const vmFields: ConfigFields = {
  vm_uuid: {kind: 'text', seed},
  cpu_num: {kind: 'count', seed, flag: 'cpu', summary: 'processors', min: 1, column: 'cpus', on: 'list'},
  mem_num: {
    kind: 'megabytes',
    seed,
    flag: 'memory',
    summary: 'memory, as 4G',
    min: 1,
    column: 'memory',
    on: 'list',
  },
  hdd_num: {
    kind: 'megabytes',
    seed,
    flag: 'disk',
    summary: 'disk, as 40G',
    min: 1,
    column: 'disk',
    on: 'list',
  },
  os_name: {
    kind: 'text',
    seed,
    flag: 'os',
    summary: 'image of its system',
    placeholder: 'image',
    column: 'os',
    on: 'list',
  },
  os_pass: {kind: 'text', seed},
  cpu_per: {
    kind: 'count',
    seed,
    flag: 'cpu-percent',
    summary: 'limit of the processors, in percent',
    column: 'cpu_limit',
    unit: 'percent',
    noneAt0: true,
  },
  gpu_num: {kind: 'count', seed, flag: 'gpu', summary: 'graphics processors'},
  gpu_mem: {
    kind: 'megabytes',
    seed,
    flag: 'gpu-memory',
    summary: 'graphics memory',
    column: 'gpu_memory',
    noneAt0: true,
  },
  speed_u: {
    kind: 'count',
    seed,
    flag: 'up',
    summary: 'speed to the network',
    placeholder: 'mbps',
    column: 'up_mbps',
  },
  speed_d: {
    kind: 'count',
    seed,
    flag: 'down',
    summary: 'speed from the network',
    placeholder: 'mbps',
    column: 'down_mbps',
  },
  flu_num: {
    kind: 'megabytes',
    seed,
    flag: 'traffic',
    summary: 'traffic that it may use',
    column: 'traffic_limit',
  },
  nat_num: {
    kind: 'count',
    seed,
    flag: 'nat-limit',
    summary: 'ports that it may have forwarded',
    column: 'nat_limit',
  },
  web_num: {
    kind: 'count',
    seed,
    flag: 'proxy-limit',
    summary: 'domains that it may have',
    column: 'proxy_limit',
  },
  // A number after creation and a text else.
  vc_port: {kind: 'any', seed, column: 'console_port'},
  vc_pass: {kind: 'text', seed},
  nic_all: {kind: {each: nicFields}, seed},
  hdd_all: {kind: {each: diskFields}, seed},
  // Of newer versions.
  vm_flag: {kind: 'text'},
  ...each({kind: 'count'}, 'hdd_iop', 'bak_num', 'iso_num', 'pci_num', 'usb_num', 'dat_num'),
  ...each({kind: 'any'}, 'dat_all', 'flu_rst', 'own_all'),
  iso_all: {kind: {each: each({kind: 'text'}, 'iso_name', 'iso_file', 'iso_hint')}},
  pci_all: {kind: {each: each({kind: 'text'}, 'gpu_uuid', 'gpu_mdev', 'gpu_hint')}},
  usb_all: {kind: {each: each({kind: 'text'}, 'vid_uuid', 'pid_uuid', 'usb_hint')}},
  efi_all: {kind: {items: {efi_type: {kind: 'flag'}, efi_name: {kind: 'text'}}}},
  nat_all: {
    kind: {
      items: {
        ...each(port, 'lan_port', 'wan_port'),
        ...each({kind: 'text'}, 'lan_addr', 'nat_tips'),
      },
    },
  },
  web_all: {
    kind: {
      items: {
        lan_port: port,
        ...each({kind: 'text'}, 'lan_addr', 'web_addr', 'web_tips'),
        is_https: {kind: 'flag'},
      },
    },
  },
  backups: {
    kind: {
      items: {
        backup_time: {kind: 'count'},
        ...each({kind: 'text'}, 'backup_name', 'backup_hint', 'old_os_name'),
      },
    },
  },
  ...each({kind: 'text'}, 'gpu_id', 'gpu_mdev', 'gpu_remark', 'usb_vid', 'usb_pid', 'usb_remark'),
}

/** HWStatus: what the agent of a machine reports: MB and percent (3.4). */
export const statusFields: ConfigFields = {
  ac_status: {kind: 'text', seed},
  cpu_total: {kind: 'number', seed},
  cpu_usage: {kind: 'number', seed, column: 'cpu', unit: 'percent', on: 'list'},
  mem_usage: {kind: 'megabytes', seed, column: 'memory', on: 'list'},
  mem_total: {kind: 'megabytes', seed, column: 'memory_total', on: 'list', noneAt0: true},
  hdd_usage: {kind: 'megabytes', seed, column: 'disk', on: 'list'},
  hdd_total: {kind: 'megabytes', seed, column: 'disk_total', on: 'list', noneAt0: true},
  flu_usage: {kind: 'megabytes', seed, column: 'traffic', on: 'list'},
  flu_total: {kind: 'megabytes', seed},
  cpu_model: {kind: 'text', seed},
  network_u: {kind: 'number', seed},
  network_d: {kind: 'number', seed},
  ...each({kind: 'number', seed}, 'gpu_total', 'cpu_heats', 'cpu_power'),
  ...each({kind: 'any', seed}, 'ext_usage', 'gpu_usage'),
  // c5ee1c9 and 7a36e7e.
  ...each({kind: 'number', seed}, 'nat_total', 'nat_usage', 'web_total', 'web_usage'),
  // Of newer versions.
  ...each({kind: 'number'}, 'network_a', 'on_update'),
}

/** The same of a host, whose tables name what there is and what is used the other way round. */
export const hostStatusFields: ConfigFields = {
  ...statusFields,
  cpu_total: {kind: 'number', column: 'cpus', on: 'list'},
  mem_usage: {kind: 'megabytes', column: 'memory_used', on: 'list'},
  mem_total: {kind: 'megabytes', column: 'memory', on: 'list', noneAt0: true},
  hdd_usage: {kind: 'megabytes', column: 'disk_used', on: 'list'},
  hdd_total: {kind: 'megabytes', column: 'disk', on: 'list', noneAt0: true},
  flu_usage: {kind: 'megabytes', column: 'traffic'},
  cpu_model: {kind: 'text', column: 'cpu_model'},
}

/** HSConfig (3.1). */
export const hostFields: ConfigFields = {
  ...each(
    {kind: 'text', seed},
    'server_name',
    'server_type',
    'server_addr',
    'server_user',
    'server_pass',
    'filter_name',
  ),
  images_path: {kind: 'text', seed, column: 'images'},
  system_path: {kind: 'text', seed, column: 'disks'},
  ...each({kind: 'text', seed}, 'backup_path', 'extern_path', 'launch_path', 'network_nat', 'network_pub'),
  ...each({kind: 'text', seed}, 'i_kuai_addr', 'i_kuai_user', 'i_kuai_pass'),
  ...each({...port, seed}, 'ports_start', 'ports_close', 'remote_port'),
  system_maps: {kind: 'any', seed},
  public_addr: {kind: 'texts', seed},
  extend_data: {kind: 'any', seed},
  // Of newer versions.
  limits_nums: {kind: 'count'},
  server_port: port,
  ...each({kind: 'text'}, 'server_area', 'dvdrom_path'),
  // `ipaddr_dnss` is the name of `ipaddr_ddns` in v0.4 and v0.5.
  ...each({kind: 'texts'}, 'server_dnss', 'ipaddr_ddns', 'ipaddr_dnss'),
  enable_host: {kind: 'flag'},
  images_maps: {kind: 'any'},
  ipaddr_maps: {
    kind: {each: {...each({kind: 'text'}, 'vers', 'type', 'gate', 'mask', 'from'), nums: {kind: 'count'}}},
  },
  server_plan: {kind: {each: vmFields}},
}

function each(field: ConfigField, ...names: readonly string[]): ConfigFields {
  return Object.fromEntries(names.map(name => [name, field]))
}
