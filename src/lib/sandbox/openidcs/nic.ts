import type {Random} from '../random.js'
import type {Features} from './features.js'
import {withDefaults} from './host-config.js'
import type {JsonObject} from './json.js'

const addresses: JsonObject = {mac_addr: '', nic_type: '', ip4_addr: '', ip6_addr: ''}
const later: JsonObject = {...addresses, nic_gate: '', nic_mask: '255.255.255.0', dns_addr: []}

/** NCConfig of each source (contracts/openidcs.md 3.3). */
const defaults: Readonly<Record<Features['models'], JsonObject>> = {
  S: {...addresses, nic_devs: ''},
  S2: {...addresses, dns_addr: []},
  'v0.4': later,
  'v0.5': later,
  N: later,
}

/** A network card with a MAC of its own, which follows from its IPv4 address (3.3). */
export function nicConfig(given: JsonObject, {models, nics}: Features, random: Random): JsonObject {
  const nic = withDefaults(defaults[models], given)
  if (nic.mac_addr !== '') return nic
  return {...nic, mac_addr: macOf(String(nic.ip4_addr), nics, random)}
}

export function macOf(address: string, lowerCase: boolean, random: Random): string {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)?.slice(1).map(Number)
  if (!parts || parts.some(part => part > 255)) return lowerCase ? randomMac(random) : '00:00:00:00:00:00'
  const prefix = prefixOf(address)
  return [lowerCase ? prefix.toLowerCase() : prefix, ...parts.map(hexadecimal)].join(':')
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
