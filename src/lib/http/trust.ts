import * as fs from 'node:fs'
import {isIP} from 'node:net'
import {promisify} from 'node:util'
import {fileProblem, usageError} from '../errors.js'
import {isInNetworks} from './networks.js'
import type {Target} from './target.js'

// Of `node:fs/promises` Node compiles more than a request takes.
const readFile = promisify(fs.readFile)
const stat = promisify(fs.stat)

const BEGIN = '-----BEGIN CERTIFICATE-----'

/** What Node trusts besides its own, or in its place: whoever names certificates to it takes these away. */
async function extraAuthorities(): Promise<string[]> {
  const {NODE_EXTRA_CA_CERTS, NODE_OPTIONS = '', SSL_CERT_FILE} = process.env
  const isOpenssl = [...process.execArgv, ...NODE_OPTIONS.split(/\s+/)].includes('--use-openssl-ca')
  const files = [NODE_EXTRA_CA_CERTS, isOpenssl ? SSL_CERT_FILE : undefined]
  const read = files.map(file => (file ? readFile(file, 'utf8').catch(() => '') : ''))
  return (await Promise.all(read)).filter(pem => pem.includes(BEGIN))
}

async function namedPem(caFile: string): Promise<string> {
  const hint = 'check --ca-file, PANELCTL_CA_FILE or the caFile of the context'
  const found = await stat(caFile).catch(() => undefined)
  // A pipe, which no signal would end the wait for; not where there is none, as that takes longer to load.
  if (found && !found.isFile()) return (await import('../named-file.js')).readNamed(caFile, {hint})
  return readFile(caFile, 'utf8').catch((cause: unknown) => {
    throw usageError(fileProblem(caFile, cause), hint)
  })
}

/**
 * The certificates to trust: the usual ones and those of a PEM file, so that one `PANELCTL_CA_FILE`
 * serves panels with a private and with a public certificate.
 * @throws PanelctlError USAGE where the file cannot be read or holds no certificate
 */
export async function certificateAuthorities(caFile: string): Promise<string[]> {
  const pem = await namedPem(caFile)
  if (!pem.includes(BEGIN)) {
    throw usageError(`the CA file ${caFile} holds no PEM certificate`, `give a file with ${BEGIN}`)
  }
  const {rootCertificates} = await import('node:tls')
  return [...rootCertificates, ...(await extraAuthorities()), pem]
}

/** This machine, private networks, and carrier-grade NAT (100.64): what overlay networks such as Tailscale hand out. */
const privateNetworks =
  '127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 169.254.0.0/16 100.64.0.0/10 ::1 fc00::/7 fe80::/10'

/** True where a host is this machine or on a private network, so that plain HTTP to it needs no warning. */
export function isPrivateHost(hostname: string): boolean {
  if (isIP(hostname.replace(/^\[|\]$/g, '')) === 0)
    return !hostname.includes('.') || /\.(localhost|local|lan|internal|home\.arpa)$/.test(hostname)
  return isInNetworks({hostname, port: '', protocol: ''}, privateNetworks)
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
