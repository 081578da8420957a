import {type Random, randomText} from '../random.js'
import type {Features} from './features.js'
import {isObject, type Json, type JsonObject} from './json.js'
import {PythonError, pythonType} from './python.js'

// What a panel keeps of what it is sent: unknown keys are dropped, missing ones get defaults, no type is checked (12).

interface Model {
  readonly seed: JsonObject
  readonly newest: JsonObject
}

function defaultsOf({seed, newest}: Model, {isNewest}: Features): JsonObject {
  return isNewest ? newest : seed
}

/** The fields of a model, as they were sent or else as they are made; nulls that were sent stay. */
export function withDefaults(fallback: JsonObject, given: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(fallback).map(([key, value]): [string, Json] => {
      const sent = given[key]
      return [key, sent === undefined ? value : sent]
    }),
  )
}

const host: JsonObject = {
  server_name: '',
  server_type: '',
  server_addr: '',
  server_user: '',
  server_pass: '',
  filter_name: '',
  images_path: '',
  system_path: '',
  backup_path: '',
  extern_path: '',
  launch_path: '',
  network_nat: '',
  network_pub: '',
  i_kuai_addr: '',
  i_kuai_user: '',
  i_kuai_pass: '',
  ports_start: 0,
  ports_close: 0,
  remote_port: 0,
  system_maps: {},
  public_addr: [],
  extend_data: {},
}

/** HSConfig (contracts/openidcs.md 3.1). */
const hosts: Model = {
  seed: host,
  newest: {
    ...host,
    server_port: 22,
    dvdrom_path: '',
    limits_nums: 0,
    images_maps: {},
    ipaddr_maps: {},
    server_area: '',
    enable_host: false,
    ipaddr_ddns: ['119.29.29.29', '223.5.5.5'],
    server_plan: {},
  },
}

export function hostConfig(given: JsonObject, features: Features): JsonObject {
  return withDefaults(defaultsOf(hosts, features), given)
}

const machine: JsonObject = {
  vm_uuid: '',
  os_name: '',
  os_pass: '',
  vc_port: '',
  vc_pass: '',
  cpu_per: 0,
  gpu_mem: 0,
  nic_all: {},
  hdd_all: {},
}

/** VMConfig (3.2). */
const vms: Model = {
  seed: {
    ...machine,
    cpu_num: 0,
    gpu_num: 0,
    mem_num: 0,
    hdd_num: 0,
    speed_u: 0,
    speed_d: 0,
    flu_num: 0,
    nat_num: 0,
    web_num: 0,
  },
  newest: {
    ...machine,
    cpu_num: 2,
    mem_num: 2048,
    hdd_num: 8192,
    hdd_iop: 1000,
    speed_u: 100,
    speed_d: 100,
    flu_num: 102_400,
    flu_rst: [31, 10, 10],
    nat_num: 100,
    web_num: 100,
    bak_num: 1,
    iso_num: 1,
    pci_num: 0,
    usb_num: 0,
    dat_num: 1,
    dat_all: 0,
    backups: [],
    iso_all: {},
    nat_all: [],
    web_all: [],
    efi_all: [],
    pci_all: {},
    usb_all: {},
    own_all: {admin: 65_535},
    vm_flag: 'UNKNOWN',
  },
}

/** What a panel makes of a VM's config. Throws what it throws for NICs that are no object (19). */
export function vmConfig(given: JsonObject, features: Features, random: Random): JsonObject {
  const {nic_all: cards = {}} = given
  if (!isObject(cards)) {
    throw new PythonError(`AttributeError: '${pythonType(cards)}' object has no attribute 'items'`)
  }
  const nics = Object.entries(cards).map(([name, nic]): [string, Json] => {
    if (!isObject(nic))
      throw new PythonError(`TypeError: argument after ** must be a mapping, not ${pythonType(nic)}`)
    return [name, nicConfig(nic, features, random)]
  })
  // The newest makes up a port, as text (3.2).
  const makesPort = features.isNewest && !('vc_port' in given)
  const port: JsonObject = makesPort ? {vc_port: String(5900 + Math.floor(random() * 1100))} : {}
  return {
    ...withDefaults(defaultsOf(vms, features), given),
    ...port,
    nic_all: Object.fromEntries(nics),
  }
}

/** Port and password of a new VM's console (19). */
export function consoleSecrets(given: JsonObject, {isNewest}: Features, random: Random): JsonObject {
  const vc_port = 10_000 + Math.floor(random() * 50_000)
  const sent = given.vc_pass
  const keeps = isNewest && typeof sent === 'string' && sent !== ''
  return {vc_port, vc_pass: keeps ? sent : randomText(isNewest ? 8 : 16, random)}
}

const addresses: JsonObject = {mac_addr: '', nic_type: '', ip4_addr: '', ip6_addr: ''}

/** NCConfig (3.3). */
const nics: Model = {
  seed: {...addresses, nic_devs: ''},
  newest: {...addresses, nic_gate: '', nic_mask: '255.255.255.0', dns_addr: []},
}

/** A network card with a MAC of its own. */
export function nicConfig(given: JsonObject, features: Features, random: Random): JsonObject {
  const nic = withDefaults(defaultsOf(nics, features), given)
  if (nic.mac_addr !== '') return nic
  return {...nic, mac_addr: macOf(String(nic.ip4_addr), features, random)}
}

const status: JsonObject = {
  ac_status: 'UNKNOWN',
  cpu_model: '',
  cpu_total: 0,
  cpu_usage: 0,
  mem_total: 0,
  mem_usage: 0,
  hdd_total: 0,
  hdd_usage: 0,
  ext_usage: {},
  flu_total: 0,
  flu_usage: 0,
  gpu_usage: {},
  gpu_total: 0,
  network_u: 0,
  network_d: 0,
  cpu_heats: 0,
  cpu_power: 0,
}

/** HWStatus (3.4). */
const statuses: Model = {
  seed: {...status, nat_total: 0, nat_usage: 0, web_total: 0, web_usage: 0},
  newest: {...status, network_a: 0, on_update: 0},
}

const powers =
  /^(STOPPED|STARTED|SUSPEND|ON_(STOP|OPEN|SAVE|WAKE)|S_(START|RESET|CLOSE)|H_CLOSE|A_(PAUSE|WAKED)|CRASHED)$/

/** A status as the panel keeps it: an unknown power is UNKNOWN (25). */
export function hardwareStatus(given: JsonObject, features: Features, at: number): JsonObject {
  const {ac_status: power} = given
  const ac_status = typeof power === 'string' && powers.test(power) ? power : 'UNKNOWN'
  return withDefaults(defaultsOf(statuses, features), {...given, ac_status, on_update: Math.floor(at / 1000)})
}

/** The MAC that follows from the IPv4 address of a network card (contracts/openidcs.md 3.3). */
export function macOf(address: string, {isNewest}: Features, random: Random): string {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)?.slice(1).map(Number)
  if (!parts || parts.some(part => part > 255)) return isNewest ? randomMac(random) : '00:00:00:00:00:00'
  const prefix = prefixOf(address)
  return [isNewest ? prefix.toLowerCase() : prefix, ...parts.map(hexadecimal)].join(':')
}

/** Of a card whose address was allocated: nothing follows from it (31). */
export function randomMac(random: Random): string {
  return ['00:1C', ...Array.from({length: 4}, () => hexadecimal(Math.floor(random() * 256)))].join(':')
}

function hexadecimal(part: number): string {
  return part.toString(16).padStart(2, '0')
}

function prefixOf(address: string): string {
  if (address.startsWith('192.')) return '00:1C'
  if (address.startsWith('172.')) return 'CC:D9'
  return address.startsWith('10') ? '10:F6' : '00:00'
}
