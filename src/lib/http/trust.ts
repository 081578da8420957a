import {readFile} from 'node:fs/promises'
import {BlockList, isIP} from 'node:net'
import {fileProblem, usageError} from '../errors.js'
import type {Target} from './target.js'

/**
 * The certificates to trust: the usual ones and those of a PEM file, so that one `PANELCTL_CA_FILE`
 * serves panels with a private and with a public certificate.
 * @throws PanelctlError USAGE where the file cannot be read or holds no certificate
 */
export async function certificateAuthorities(caFile: string): Promise<string[]> {
  const pem = await readFile(caFile, 'utf8').catch((cause: unknown) => {
    throw usageError(
      fileProblem(caFile, cause),
      'check --ca-file, PANELCTL_CA_FILE or the caFile of the context',
    )
  })
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) {
    throw usageError(
      `the CA file ${caFile} holds no PEM certificate`,
      'give a file with -----BEGIN CERTIFICATE-----',
    )
  }
  const {rootCertificates} = await import('node:tls')
  return [...rootCertificates, pem]
}

let privateAddresses: BlockList | undefined

function privateRanges(): BlockList {
  if (privateAddresses) return privateAddresses
  privateAddresses = new BlockList()
  privateAddresses.addSubnet('127.0.0.0', 8)
  privateAddresses.addSubnet('10.0.0.0', 8)
  privateAddresses.addSubnet('172.16.0.0', 12)
  privateAddresses.addSubnet('192.168.0.0', 16)
  privateAddresses.addSubnet('169.254.0.0', 16)
  // Carrier-grade NAT: what overlay networks such as Tailscale hand out.
  privateAddresses.addSubnet('100.64.0.0', 10)
  privateAddresses.addAddress('::1', 'ipv6')
  privateAddresses.addSubnet('fc00::', 7, 'ipv6')
  privateAddresses.addSubnet('fe80::', 10, 'ipv6')
  return privateAddresses
}

/** True where a host is this machine or on a private network, so that plain HTTP to it needs no warning. */
export function isPrivateHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  const family = isIP(host)
  if (family === 0) return !host.includes('.') || /\.(localhost|local|lan|internal|home\.arpa)$/.test(host)
  return privateRanges().check(host, family === 6 ? 'ipv6' : 'ipv4')
}

/** What to warn of before anything goes to a panel: what nobody checks, and what everybody on the way can read. */
export function risksOf(title: string, target: Omit<Target, 'credential'>, hasCredential: boolean): string[] {
  const {protocol, host, hostname} = new URL(target.url)
  const {insecure, acceptedRisks} = target
  const risks: string[] = []
  if (insecure && protocol === 'https:' && !acceptedRisks.insecure)
    risks.push(`the certificate of ${host} is not checked (--insecure)`)
  if (hasCredential && protocol === 'http:' && !acceptedRisks.plainHttp && !isPrivateHost(hostname))
    risks.push(`the ${title} credentials go to ${host} unencrypted: use https:// if it can`)
  return risks
}
