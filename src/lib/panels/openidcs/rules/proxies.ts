import {usageError} from '../../../errors.js'
import {isMask} from '../../../mask.js'
import {addProxy, deleteProxy, listProxies} from '../endpoints.js'
import {socketOf, textOf} from '../loose-values.js'
import type {Wanted} from './rule-addition.js'
import {type Choice, inSeedNames, type Meaning, type Rule, type RuleKind} from './rules.js'

/** Newer versions have the same names, and leave three out (contracts/openidcs.md 2.6). */
const names = {
  domain: 'domain',
  backend_ip: 'backend_ip',
  backend_port: 'backend_port',
  ssl_enabled: 'ssl_enabled',
  ssl_type: 'ssl_type',
  ssl_cert: 'ssl_cert',
  ssl_key: 'ssl_key',
  description: 'description',
} as const
export type ProxyRule = Rule<keyof typeof names>

export const proxyRules: RuleKind<ProxyRule> = {
  noun: 'proxy',
  plural: 'proxies',
  flags: {backend_ip: 'to', backend_port: 'to', ssl_enabled: 'ssl', description: 'note'},
  lookWith: 'openidcs proxy list :host :vm',
  read: (api, path) => api(listProxies, {path}),
  show: (told, index) => inSeedNames(told, index, names),
  add: (api, path, body) => api(addProxy, {path, body}),
  remove: (api, path, {index}) => api(deleteProxy, {path: {...path, index}}),
  // The newest gives an empty reason for both (2.6 no. 34).
  refusedHint:
    'where no reason is told, another virtual machine may have the domain, or the panel cannot start its proxy program',
  describe: rule => `${textOf(rule.domain) ?? '?'} to ${socketOf(rule.backend_ip, rule.backend_port)}`,
}

function ofDomain(domain: string): Meaning<ProxyRule> {
  return {
    words: `for ${domain}`,
    means: rule => textOf(rule.domain)?.toLowerCase() === domain.toLowerCase(),
  }
}

/** The proxy that flags mean. */
export function proxyChoice({
  domain,
  index,
}: {
  domain: string | undefined
  index: number | undefined
}): Choice<ProxyRule> {
  return {index, meaning: domain === undefined ? undefined : ofDomain(domain), flag: '--domain'}
}

export interface ProxyFlags {
  readonly domain: string
  readonly to: {readonly address: string; readonly port: number}
  readonly ssl: boolean
  readonly 'ssl-type': string | undefined
  readonly note: string | undefined
}

/** The texts of the files that `--ssl-cert` and `--ssl-key` name. */
export interface ProxyFiles {
  readonly cert: string | undefined
  readonly key: string | undefined
}

/**
 * The proxy that flags ask for.
 * @throws PanelctlError USAGE for what is no domain, and for parts of SSL without the rest
 */
export function proxyWanted(flags: ProxyFlags, {cert, key}: ProxyFiles): Wanted<ProxyRule> {
  const {domain, to, ssl, note} = flags
  // The panel takes anything, and a web server that is given an address as a name serves nobody.
  if (!/^[^\s/:@]+$/.test(domain)) throw usageError(`"${domain}" is not a domain`, 'as in www.example.com')
  if (!ssl && (flags['ssl-type'] ?? cert ?? key) !== undefined) {
    throw usageError('--ssl-type, --ssl-cert and --ssl-key go with --ssl', 'add --ssl')
  }
  if ((cert === undefined) !== (key === undefined)) {
    throw usageError('a certificate and its key go together', 'give both --ssl-cert and --ssl-key')
  }
  for (const [flag, text] of Object.entries({'--ssl-cert': cert, '--ssl-key': key})) {
    if (text?.trim() === '') throw usageError(`the file of ${flag} is empty`)
    if (text !== undefined && isMask(text.trim()))
      throw usageError(`the file of ${flag} holds a mask, not a secret`)
  }
  const rule = {
    domain,
    backend_ip: to.address,
    backend_port: to.port,
    ssl_enabled: ssl,
    ssl_type: flags['ssl-type'] ?? '',
    ssl_cert: cert ?? '',
    ssl_key: key ?? '',
    description: note ?? '',
  }
  return {
    meaning: ofDomain(domain),
    body: rule,
    given: {...rule, ssl_type: flags['ssl-type'], ssl_cert: cert, ssl_key: key, description: note},
    sent: {index: null, ...rule},
  }
}
