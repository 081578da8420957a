import {isIPv6} from 'node:net'
import {type Cell, flag, list} from '../../../output/cell.js'
import type {Columns} from '../../../output/columns.js'
import {numberOf, socketOf, textOf} from '../loose-values.js'
import {type AddressRule, addressesOf} from './addresses.js'
import type {NatRule} from './nat.js'
import type {ProxyRule} from './proxies.js'

/** Nothing where neither address nor port is told. */
function target(address: unknown, port: unknown): string | null {
  return textOf(address) === null && textOf(port) === null ? null : socketOf(address, port)
}

export const natColumns: Columns<NatRule> = {
  index: rule => rule.index,
  protocol: rule => textOf(rule.protocol),
  port: rule => numberOf(rule.external_port) ?? textOf(rule.external_port),
  target: rule => target(rule.internal_ip, rule.internal_port),
  note: rule => textOf(rule.description),
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(textOf).filter(text => text !== null) : []
}

/** What a table shows of a card with two addresses; scripts get the first one here, and have `ipv6` for the other. */
function ofBoth(rule: AddressRule, first: string | null, each: (address: string) => string): Cell {
  const addresses = addressesOf(rule)
  return addresses.length < 2 ? first : {raw: first, text: () => addresses.map(each).join(', ')}
}

export const addressColumns: Columns<AddressRule> = {
  index: rule => rule.index,
  address: rule => ofBoth(rule, textOf(rule.address), own => own),
  type: rule => ofBoth(rule, textOf(rule.type), own => (isIPv6(own) ? 'ipv6' : 'ipv4')),
  netmask: rule => textOf(rule.netmask),
  gateway: rule => textOf(rule.gateway),
  nic: rule => textOf(rule.nic),
  note: rule => textOf(rule.description),
  nic_type: {value: rule => textOf(rule.nic_type), hidden: true},
  mac: {value: rule => textOf(rule.mac_addr), hidden: true},
  ipv6: {value: rule => textOf(rule.ip6_addr), hidden: true},
  dns: {value: rule => list(texts(rule.dns_addr)), hidden: true},
}

export const proxyColumns: Columns<ProxyRule> = {
  index: rule => rule.index,
  domain: rule => textOf(rule.domain),
  target: rule => target(rule.backend_ip, rule.backend_port),
  ssl: rule => flag(typeof rule.ssl_enabled === 'boolean' ? rule.ssl_enabled : null),
  ssl_type: rule => textOf(rule.ssl_type),
  note: rule => textOf(rule.description),
}
