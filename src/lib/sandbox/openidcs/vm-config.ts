import {type Random, randomText} from '../random.js'
import type {Features} from './features.js'
import {withDefaults} from './host-config.js'
import {isObject, type Json, type JsonObject} from './json.js'
import {nicConfig} from './nic.js'
import {PythonError, pythonType} from './python.js'

const first: JsonObject = {
  vm_uuid: '',
  os_name: '',
  os_pass: '',
  vc_port: '',
  vc_pass: '',
  cpu_num: 0,
  cpu_per: 0,
  gpu_num: 0,
  gpu_mem: 0,
  mem_num: 0,
  hdd_num: 0,
  speed_u: 0,
  speed_d: 0,
  flu_num: 0,
  nat_num: 0,
  web_num: 0,
  nic_all: {},
  hdd_all: {},
}

const second: JsonObject = {
  ...first,
  cpu_num: 2,
  cpu_per: 50,
  gpu_mem: 2048,
  mem_num: 2048,
  hdd_num: 20480,
  speed_u: 100,
  speed_d: 100,
  flu_num: 102400,
  nat_num: 100,
  web_num: 100,
}

const lists: JsonObject = {backups: [], iso_all: {}, nat_all: [], web_all: []}

const {gpu_num: _, ...withoutGpus} = second
const fifth: JsonObject = {
  ...withoutGpus,
  ...lists,
  cpu_per: 0,
  gpu_mem: 0,
  hdd_num: 8192,
  hdd_iop: 1000,
  flu_rst: [31, 10, 10],
  efi_all: [],
  pci_all: {},
  usb_all: {},
  own_all: {admin: 65535},
  vm_flag: 'UNKNOWN',
}

/** VMConfig of each source (contracts/openidcs.md 3.2). */
const defaults: Readonly<Record<Features['models'], JsonObject>> = {
  S: first,
  S2: second,
  'v0.4': {...second, ...lists, gpu_mem: 0, own_all: ['admin']},
  'v0.5': fifth,
  N: {...fifth, bak_num: 1, iso_num: 1, pci_num: 0, usb_num: 0, dat_num: 1, dat_all: 0},
}

/** What a panel makes of a config. Throws what it throws for NICs that are no object (19). */
export function vmConfig(given: JsonObject, features: Features, random: Random): JsonObject {
  const {nic_all: nics = {}} = given
  if (!isObject(nics)) {
    throw new PythonError(`AttributeError: '${pythonType(nics)}' object has no attribute 'items'`)
  }
  const config = withDefaults(defaults[features.models], given)
  const entries = Object.entries(nics).map(([name, nic]): [string, Json] => {
    if (!isObject(nic))
      throw new PythonError(`TypeError: argument after ** must be a mapping, not ${pythonType(nic)}`)
    return [name, nicConfig(nic, features, random)]
  })
  // Later sources make up a port, as text (3.2).
  const makesPort = features.models !== 'S' && !('vc_port' in given)
  const port: JsonObject = makesPort ? {vc_port: String(5900 + Math.floor(random() * 1100))} : {}
  return {...config, ...port, nic_all: Object.fromEntries(entries)}
}

/** The password of a new VM's console (19). */
export function consoleSecrets(given: JsonObject, {models}: Features, random: Random): JsonObject {
  const vc_port = 10_000 + Math.floor(random() * 50_000)
  const sent = given.vc_pass
  const keeps = models !== 'S' && typeof sent === 'string' && sent !== ''
  return {vc_port, vc_pass: keeps ? sent : randomText(models === 'S' ? 16 : 8, random)}
}
