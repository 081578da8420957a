import {isIP, isIPv4, isIPv6} from 'node:net'

/** An address as it is compared: IPv6 has many spellings. */
export function canonicalAddress(address: string): string {
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address
}

/** `255.255.255.0`: ones, and zeros behind them. Of IPv6 also how many ones. */
export function isNetmask(text: string, version: 'ipv4' | 'ipv6'): boolean {
  if (version === 'ipv6') return isIPv6(text) || (/^\d{1,3}$/.test(text) && Number(text) <= 128)
  const bits = text.split('.').map(part => Number(part).toString(2).padStart(8, '0'))
  return isIPv4(text) && /^1*0*$/.test(bits.join(''))
}

/** Texts that have to look like something. No version looks at them (contracts/openidcs.md 2.3 no. 19), and an empty one is none. */
export const forms = {
  ipv4: {fits: isIPv4, as: 'an IPv4 address'},
  ipv6: {fits: isIPv6, as: 'an IPv6 address'},
  address: {fits: (text: string) => isIP(text) !== 0, as: 'an IP address'},
  mask: {fits: (text: string) => isNetmask(text, 'ipv4') || isNetmask(text, 'ipv6'), as: 'a netmask'},
  mac: {fits: (text: string) => /^([\da-f]{2}[:-]){5}[\da-f]{2}$/i.test(text), as: 'a MAC address'},
}

export type Form = keyof typeof forms

export function isForm(kind: unknown): kind is Form {
  return typeof kind === 'string' && Object.hasOwn(forms, kind)
}
