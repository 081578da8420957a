import {isIPv6} from 'node:net'
import {usageError} from '../../../errors.js'
import {flag} from '../../../flags/flags.js'
import {type Cell, list} from '../../../output/cell.js'
import {canonicalAddress as canonical, isNetmask} from '../address-forms.js'
import {addAddress, deleteAddress, deleteNic, listAddresses} from '../endpoints.js'
import {textOf} from '../loose-values.js'
import {warnOfShared} from '../vm/shared-addresses.js'
import {readVmsOfHost, refuseMistakable, requireVm} from '../vms-of-host.js'
import {type Meaning, type Rule, ruleKind, type Told} from './rules.js'

/** The name of a network card: the list of a newer version tells it, and there alone a card can be deleted by it. */
function cardOf(told: Told): string | null {
  return textOf(told.nic_name)
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4'
}

/** The addresses of a rule: a network card may have an IPv4 and an IPv6 one. */
function addressesOf(rule: Rule): string[] {
  const own = [rule.address, rule.ip6_addr].map(textOf).filter(address => address !== null)
  return [...new Set(own)]
}

function ofAddress(address: string): Meaning {
  const wanted = canonical(address)
  return {words: address, means: rule => addressesOf(rule).some(own => canonical(own) === wanted)}
}

/** What a table shows of a card with two addresses; scripts get the first one here, and have `ipv6` for the other. */
function ofBoth(rule: Rule, first: unknown, each: (address: string) => string): Cell {
  const addresses = addressesOf(rule)
  const raw = textOf(first)
  return addresses.length < 2 ? raw : {raw, text: () => addresses.map(each).join(', ')}
}

export const addressRules = ruleKind({
  noun: 'address',
  plural: 'addresses',
  topic: 'openidcs ip',
  // Newer versions list network cards instead (contracts/openidcs.md 2.5).
  names: {
    type: 'type',
    address: 'ip4_addr',
    netmask: 'nic_mask',
    gateway: 'nic_gate',
    nic: 'nic_name',
    description: 'description',
  },
  /** A network card has an IPv4 address, an IPv6 one or both, and says nothing of a type. */
  derived(told) {
    if (cardOf(told) === null) return {}
    const address = textOf(told.ip4_addr) ?? textOf(told.ip6_addr)
    return {address, type: address === null ? null : familyOf(address)}
  },
  traits(told) {
    const card = cardOf(told)
    // A change of one card makes the VM anew (2.5 no. 31), which may fill in what is missing in another.
    return card === null ? {} : {identity: card, brings: 'The virtual machine will be started again.'}
  },
  key: 'address',
  columns: {
    index: rule => rule.index,
    address: rule => ofBoth(rule, rule.address, own => own),
    type: rule => ofBoth(rule, rule.type, familyOf),
    netmask: rule => textOf(rule.netmask),
    gateway: rule => textOf(rule.gateway),
    nic: rule => textOf(rule.nic),
    note: rule => textOf(rule.description),
    nic_type: {value: rule => textOf(rule.nic_type), hidden: true},
    mac: {value: rule => textOf(rule.mac_addr), hidden: true},
    ipv6: {value: rule => textOf(rule.ip6_addr), hidden: true},
    dns: {
      value: ({dns_addr: dns}) =>
        list(Array.isArray(dns) ? dns.map(textOf).filter(text => text !== null) : []),
      hidden: true,
    },
  },
  describe(rule) {
    const card = textOf(rule.nic)
    return `${addressesOf(rule).join(' and ') || '?'}${card === null ? '' : ` (${card})`}`
  },
  adding: {
    flags: {
      address: flag.address({summary: 'address to add', required: true}),
      type: flag.choice(['ipv4', 'ipv6'], {summary: 'its version (default: what it is)'}),
      netmask: flag.text({summary: 'netmask', placeholder: 'mask', filled: true}),
      gateway: flag.address({summary: 'gateway'}),
      nic: flag.text({
        summary: 'network card it belongs to, as ethernet0',
        placeholder: 'name',
        filled: true,
      }),
      note: flag.text({summary: 'what it is for', placeholder: 'text'}),
      'nic-type': flag.choice(['nat', 'pub'], {
        summary: 'newer servers only: network of the card (default nat)',
      }),
      dns: flag.address({summary: 'newer servers only: name server', multiple: true}),
    },
    /** @throws PanelctlError USAGE where type, netmask or gateway and address contradict each other */
    wanted({address, type, netmask, gateway, nic, note, 'nic-type': network, dns}) {
      const version = familyOf(address)
      if (type !== undefined && type !== version) {
        throw usageError(`${address} is no ${type} address`, `--type ${version}`)
      }
      if (netmask !== undefined && !isNetmask(netmask, version)) {
        const example = version === 'ipv4' ? '255.255.255.0' : '64'
        throw usageError(`--netmask: "${netmask}" is no netmask of ${version}`, `as in ${example}`)
      }
      if (gateway !== undefined && familyOf(gateway) !== version)
        throw usageError(`--gateway: ${gateway} is no ${version} address, as ${address} is`)
      return {
        meaning: ofAddress(address),
        // What was not given is left out: each version has defaults of its own, and an empty mask is none.
        given: {
          '--netmask': {netmask},
          '--gateway': {gateway},
          '--nic': {nic},
          '--note': {description: note},
          '--nic-type': {nic_type: network},
          '--dns': {dns_addr: dns.length > 0 ? dns : undefined},
        },
        // On a newer version the seed's names alone would make a card with another address (2.5 no. 31).
        along: {
          address,
          type: version,
          [version === 'ipv6' ? 'ip6_addr' : 'ip4_addr']: address,
          nic_mask: netmask,
          nic_gate: gateway,
        },
      }
    },
  },
  finding: {
    flags: {
      address: flag.address({summary: 'address to delete', among: 'openidcs ip list --columns address,note'}),
    },
    meaning: ({address}) => (address === undefined ? undefined : ofAddress(address)),
  },
  read: (api, path) => api(listAddresses, {path}),
  add: (api, path, body) => api(addAddress, {path, body}),
  remove(api, path, {told, index}) {
    const nic = cardOf(told)
    // By index a newer version finds nothing, ever (2.5 no. 32).
    return nic === null
      ? api(deleteAddress, {path: {...path, index}})
      : api(deleteNic, {path: {...path, nic}})
  },
  // To change a card turns the VM off and on, which VMware hosts find by a part of its path (2.5 no. 31, trap 27). The
  // seed's records do nothing of the kind; an empty list does not tell which of them it is of.
  async refuse({api, args: {host, vm}, flags: {force = false}, speech: {warn}}, list, sent) {
    if (list.length > 0 && list.every(told => cardOf(told) === null)) return
    const machines = await readVmsOfHost(api, host)
    requireVm(machines, vm)
    refuseMistakable(machines, vm, {force})
    // On a version that knows no disabled hosts a list of VMs takes all rules from them (trap 24): who has the address stays unknown there.
    if (!sent || machines.host.config.enable_host === undefined) return
    const nic_all = {card: {ip4_addr: sent.address}}
    await warnOfShared(api, {host, vm, warn}, {before: {}, after: {nic_all}})
  },
  liberties({told, rule}, sent) {
    const card = cardOf(told)
    const asked = addressesOf(sent).map(canonical)
    const others = addressesOf(rule).filter(own => !asked.includes(canonical(own)))
    return [
      // The name of a card is told in the answer only (2.5 no. 31).
      ...(card === null ? [] : [{flag: '--nic', words: `newer servers name the card themselves (${card})`}]),
      // A card that is given an IPv6 address gets an IPv4 one of the host's as well (2.5 no. 31).
      ...(others.length === 0 ? [] : [{words: `the panel gave it ${others.join(' and ')} as well`}]),
    ]
  },
})
