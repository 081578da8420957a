import type {Random} from '../random.js'
import type {Features} from './features.js'

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
