import {isIPv6} from 'node:net'
import {usageError} from '../../../errors.js'
import {addAddress, deleteAddress, deleteNic, listAddresses} from '../endpoints.js'
import {textOf} from '../loose-values.js'
import {readPlace, refuseMistakable, requireVm} from '../places.js'
import type {Wanted} from './rule-addition.js'
import {type Choice, inSeedNames, type Meaning, type Rule, type RuleKind, type Told} from './rules.js'

/** The seed's names, and what newer versions, which list network cards instead, call them (contracts/openidcs.md 2.5). */
const names = {
  type: 'type',
  address: 'ip4_addr',
  netmask: 'nic_mask',
  gateway: 'nic_gate',
  nic: 'nic_name',
  description: 'description',
} as const
export type AddressRule = Rule<keyof typeof names>

/** The name of a network card: the list of a newer version tells it, and there alone a card can be deleted by it. */
function cardOf(told: Told): string | null {
  return textOf(told.nic_name)
}

/** A network card has an IPv4 address, an IPv6 one or both, and says nothing of a type. */
function show(told: Told, index: number): AddressRule {
  const rule = inSeedNames(told, index, names)
  if (cardOf(told) === null) return rule
  const address = textOf(told.ip4_addr) ?? textOf(told.ip6_addr)
  return {...rule, address, type: address === null ? null : isIPv6(address) ? 'ipv6' : 'ipv4'}
}

/** The addresses of a rule: a network card may have an IPv4 and an IPv6 one. */
export function addressesOf(rule: AddressRule): string[] {
  const own = [rule.address, rule.ip6_addr].map(textOf).filter(address => address !== null)
  return [...new Set(own)]
}

export const addressRules: RuleKind<AddressRule> = {
  noun: 'address',
  plural: 'addresses',
  flags: {description: 'note', dns_addr: 'dns'},
  lookWith: 'openidcs ip list :host :vm',
  read: (api, path) => api(listAddresses, {path}),
  show,
  add: (api, path, body) => api(addAddress, {path, body}),
  remove(api, path, {told, index}) {
    const nic = cardOf(told)
    // By index a newer version finds nothing, ever (2.5 no. 32).
    return nic === null
      ? api(deleteAddress, {path: {...path, index}})
      : api(deleteNic, {path: {...path, nic}})
  },
  describe(rule) {
    const card = textOf(rule.nic)
    return `${addressesOf(rule).join(' and ') || '?'}${card === null ? '' : ` (${card})`}`
  },
  // A card that is given an IPv6 address gets an IPv4 one of the host's as well (2.5 no. 31).
  besides(listed, sent) {
    const others = addressesOf(listed).filter(
      own => !addressesOf(sent).map(canonical).includes(canonical(own)),
    )
    return others.length === 0 ? undefined : `the panel gave it ${others.join(' and ')} as well`
  },
  // 2.5 no. 31.
  consequence: told => (cardOf(told) === null ? undefined : 'The virtual machine will be started again.'),
  // To change a card turns the VM off and on, which VMware hosts find by a part of its path (2.5 no. 31, trap 27). The
  // seed's records do nothing of the kind; an empty list does not tell which of them it is of.
  async refuse(api, {host, vm}, list, force) {
    if (list.length > 0 && list.every(told => cardOf(told) === null)) return
    const machines = await readPlace(api, host)
    requireVm(machines, vm)
    refuseMistakable(machines, vm, {force})
  },
  // The name of a card is told in the answer only (2.5 no. 31).
  makesUp(name, told) {
    const card = cardOf(told)
    return name === 'nic' && card !== null ? `newer servers name the card themselves (${card})` : undefined
  },
  // A change of one card makes the VM anew, which may fill in what is missing in another.
  identity: told => cardOf(told) ?? undefined,
}

/** An address as it is compared: IPv6 has many spellings. */
function canonical(address: string): string {
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname : address
}

function ofAddress(address: string): Meaning<AddressRule> {
  const wanted = canonical(address)
  return {
    words: address,
    means: rule => addressesOf(rule).some(own => canonical(own) === wanted),
  }
}

/** The address that flags mean. */
export function addressChoice({
  address,
  index,
}: {
  address: string | undefined
  index: number | undefined
}): Choice<AddressRule> {
  return {index, meaning: address === undefined ? undefined : ofAddress(address), flag: '--address'}
}

export const addressTypes = ['ipv4', 'ipv6'] as const
export const cardTypes = ['nat', 'pub'] as const

export interface AddressFlags {
  readonly address: string
  readonly type: (typeof addressTypes)[number] | undefined
  readonly netmask: string | undefined
  readonly gateway: string | undefined
  readonly nic: string | undefined
  readonly note: string | undefined
  readonly 'nic-type': (typeof cardTypes)[number] | undefined
  readonly dns: readonly string[]
}

/**
 * The address that flags ask for. On a newer version the seed's names alone would make a card with another address
 * (2.5 no. 31).
 * @throws PanelctlError USAGE where type and address contradict each other
 */
export function addressWanted(flags: AddressFlags): Wanted<AddressRule> {
  const {address, netmask, gateway, nic, note} = flags
  const type = isIPv6(address) ? 'ipv6' : 'ipv4'
  if (flags.type !== undefined && flags.type !== type) {
    throw usageError(`${address} is no ${flags.type} address`, `--type ${type}`)
  }
  const dns = flags.dns.length > 0 ? [...flags.dns] : undefined
  // What was not given is left out: each version has defaults of its own, and an empty mask is none.
  const rule = {address, type, netmask, gateway, nic, description: note}
  const card = {nic_type: flags['nic-type'], dns_addr: dns}
  const newer = {
    ...(type === 'ipv6' ? {ip6_addr: address} : {ip4_addr: address}),
    nic_mask: netmask,
    nic_gate: gateway,
    ...card,
  }
  return {
    meaning: ofAddress(address),
    body: {...rule, ...newer},
    given: {netmask, gateway, nic, description: note, ...card},
    sent: {
      index: null,
      address,
      type,
      netmask: netmask ?? null,
      gateway: gateway ?? null,
      nic: nic ?? null,
      description: note ?? null,
    },
  }
}
