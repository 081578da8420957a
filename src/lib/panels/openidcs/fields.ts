/**
 * What a field takes: `count` a number from 0 on, `megabytes` also a size (`4G`), `texts` a list, `any` whatever JSON
 * there is; `one` an object with these fields, `each` many of them by name, `items` a list of them.
 */
export type Kind =
  | 'text'
  | 'number'
  | 'count'
  | 'megabytes'
  | 'flag'
  | 'texts'
  | 'any'
  | {readonly one: Fields}
  | {readonly each: Fields}
  | {readonly items: Fields}

/** Fields by their name in the panel. */
export type Fields = Readonly<Record<string, Kind>>

// What any version knows: the panel ignores the fields it does not (contracts/openidcs.md 2.2 no. 12, 2.3 no. 19), so
// that a slip of the pen has to be found here.

/** NCConfig: a network card (3.3). */
const nicFields: Fields = {
  mac_addr: 'text',
  nic_type: 'text',
  nic_devs: 'text',
  ip4_addr: 'text',
  ip6_addr: 'text',
  nic_gate: 'text',
  nic_mask: 'text',
  dns_addr: 'texts',
}

/** SDConfig: a disk besides the first one (3.6). */
const diskFields: Fields = {
  name: 'text',
  size: 'megabytes',
  hdd_name: 'text',
  hdd_size: 'megabytes',
  hdd_flag: 'count',
  hdd_scsi: 'any',
  hdd_file: 'text',
  hdd_type: 'any',
}

/** VMConfig (3.2), and what creating takes besides (2.3 no. 19). */
export const vmFields: Fields = {
  vm_uuid: 'text',
  os_name: 'text',
  os_pass: 'text',
  // A number after creation and a text else.
  vc_port: 'any',
  vc_pass: 'text',
  cpu_num: 'count',
  cpu_per: 'count',
  gpu_num: 'count',
  gpu_mem: 'megabytes',
  mem_num: 'megabytes',
  hdd_num: 'megabytes',
  speed_u: 'count',
  speed_d: 'count',
  flu_num: 'megabytes',
  nat_num: 'count',
  web_num: 'count',
  nic_all: {each: nicFields},
  hdd_all: {each: diskFields},
  // Of newer versions.
  vm_flag: 'text',
  hdd_iop: 'count',
  bak_num: 'count',
  iso_num: 'count',
  pci_num: 'count',
  usb_num: 'count',
  dat_num: 'count',
  dat_all: 'any',
  flu_rst: 'any',
  iso_all: {each: {iso_name: 'text', iso_file: 'text', iso_hint: 'text'}},
  pci_all: {each: {gpu_uuid: 'text', gpu_mdev: 'text', gpu_hint: 'text'}},
  usb_all: {each: {vid_uuid: 'text', pid_uuid: 'text', usb_hint: 'text'}},
  efi_all: {items: {efi_type: 'flag', efi_name: 'text'}},
  nat_all: {items: {lan_port: 'count', wan_port: 'count', lan_addr: 'text', nat_tips: 'text'}},
  web_all: {
    items: {lan_port: 'count', lan_addr: 'text', web_addr: 'text', web_tips: 'text', is_https: 'flag'},
  },
  backups: {items: {backup_time: 'count', backup_name: 'text', backup_hint: 'text', old_os_name: 'text'}},
  own_all: 'any',
  gpu_id: 'text',
  gpu_mdev: 'text',
  gpu_remark: 'text',
  usb_vid: 'text',
  usb_pid: 'text',
  usb_remark: 'text',
}

/** HWStatus: what a VM's agent reports (3.4). */
export const statusFields: Fields = {
  ac_status: 'text',
  cpu_model: 'text',
  cpu_total: 'number',
  cpu_usage: 'number',
  mem_total: 'megabytes',
  mem_usage: 'megabytes',
  hdd_total: 'megabytes',
  hdd_usage: 'megabytes',
  flu_total: 'megabytes',
  flu_usage: 'megabytes',
  gpu_total: 'number',
  network_u: 'number',
  network_d: 'number',
  cpu_heats: 'number',
  cpu_power: 'number',
  ext_usage: 'any',
  gpu_usage: 'any',
  // c5ee1c9 and 7a36e7e.
  nat_total: 'number',
  nat_usage: 'number',
  web_total: 'number',
  web_usage: 'number',
  // Of newer versions.
  network_a: 'number',
  on_update: 'number',
}

/** HSConfig (3.1). */
export const hostFields: Fields = {
  server_name: 'text',
  server_type: 'text',
  server_addr: 'text',
  server_user: 'text',
  server_pass: 'text',
  filter_name: 'text',
  images_path: 'text',
  system_path: 'text',
  backup_path: 'text',
  extern_path: 'text',
  launch_path: 'text',
  network_nat: 'text',
  network_pub: 'text',
  i_kuai_addr: 'text',
  i_kuai_user: 'text',
  i_kuai_pass: 'text',
  ports_start: 'count',
  ports_close: 'count',
  remote_port: 'count',
  system_maps: 'any',
  public_addr: 'texts',
  extend_data: 'any',
  // Of newer versions.
  limits_nums: 'count',
  server_dnss: 'texts',
  server_port: 'count',
  server_area: 'text',
  enable_host: 'flag',
  dvdrom_path: 'text',
  images_maps: 'any',
  ipaddr_ddns: 'texts',
  // Its name in v0.4 and v0.5.
  ipaddr_dnss: 'texts',
  ipaddr_maps: {
    each: {vers: 'text', type: 'text', gate: 'text', mask: 'text', from: 'text', nums: 'count'},
  },
  server_plan: {each: vmFields},
}
