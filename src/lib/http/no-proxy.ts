import {BlockList, isIP} from 'node:net'

/**
 * Whether a list of `NO_PROXY` holds the address of a URL, itself (`::1`, `[::1]:8080`) or in a network (`10.0.0.0/8`,
 * `::1/128`), as Go and curl read it. Names and stars are no concern of this: `getProxyForUrl` knows them.
 */
export function isInNetworks({hostname, port, protocol}: URL, list: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, '')
  const family = {4: 'ipv4', 6: 'ipv6'} as const
  const version = isIP(address)
  if (version !== 4 && version !== 6) return false
  const asked = port || (protocol === 'http:' ? '80' : '443')
  return list.split(/[\s,]+/).some(entry => {
    const [, network = '', prefix, only = asked] =
      /^\[?([\da-f.:]+?)\]?(?:\/(\d+)|(?<=\]):(\d+))?$/i.exec(entry) ?? []
    const longest = version === 4 ? 32 : 128
    const length = Number(prefix ?? longest)
    if (isIP(network) !== version || length > longest || only !== asked) return false
    const block = new BlockList()
    block.addSubnet(network, length, family[version])
    return block.check(address, family[version])
  })
}
