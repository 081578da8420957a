import {BlockList, isIP} from 'node:net'
import {portOf} from './redirect.js'

/**
 * Whether a list, as `NO_PROXY` is one, holds the address of a URL, itself (`::1`, `[::1]:8080`) or in a network
 * (`10.0.0.0/8`, `::1/128`), as Go and curl read it. Names and stars are no concern of this.
 */
export function isInNetworks(url: Pick<URL, 'hostname' | 'port' | 'protocol'>, list: string): boolean {
  const address = url.hostname.replace(/^\[|\]$/g, '')
  const family = {4: 'ipv4', 6: 'ipv6'} as const
  const version = isIP(address)
  if (version !== 4 && version !== 6) return false
  const asked = portOf(url)
  return list.split(/[\s,]+/).some(entry => {
    const [, network = '', prefix, only = asked] =
      /^\[?([\da-f.:]+?)\]?(?:\/(\d+)|(?<=\]):(\d+))?$/i.exec(entry) ?? []
    const own = isIP(network)
    if (own !== 4 && own !== 6) return false
    const longest = own === 4 ? 32 : 128
    const length = Number(prefix ?? longest)
    if (length > longest || only !== asked) return false
    // Node's own is a part of it that takes longer to load than all of a private network's check.
    if (version === 4 && own === 4)
      return length === 0 || (numberOf(address) ^ numberOf(network)) >>> (32 - length) === 0
    const block = new BlockList()
    // An IPv4 address that is written as one of IPv6 is in the networks of IPv4, too.
    block.addSubnet(network, length, family[own])
    return block.check(address, family[version])
  })
}

/** Whether such a list names a domain that the host of a URL is in: `example.com` is for `panel.example.com` too, as for Go and curl. */
export function isInDomains(url: Pick<URL, 'hostname' | 'port' | 'protocol'>, list: string): boolean {
  if (isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0) return false
  const asked = portOf(url)
  return list.split(/[\s,]+/).some(entry => {
    const [, domain, only = asked] = /^([^*.:][^:]*)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? []
    return domain !== undefined && only === asked && url.hostname.endsWith(`.${domain}`)
  })
}

function numberOf(ipv4: string): number {
  return ipv4.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0)
}
