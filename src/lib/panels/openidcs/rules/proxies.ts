import {usageError} from '../../../errors.js'
import {flag} from '../../../flags/flags.js'
import {isMask} from '../../../mask.js'
import * as cell from '../../../output/cell.js'
import {addProxy, deleteProxy, listProxies} from '../endpoints.js'
import {ruleTargetOf, socketOf, textOf} from '../loose-values.js'
import {type Meaning, ruleKind} from './rules.js'

/** A domain as it is compared: neither case nor the dot of the root make another one. */
function canonical(domain: string): string {
  return domain.toLowerCase().replace(/\.$/, '')
}

function ofDomain(domain: string): Meaning {
  return {
    words: `for ${domain}`,
    means: rule => canonical(textOf(rule.domain) ?? '') === canonical(domain),
  }
}

const file = {placeholder: 'file', filled: true} as const

export const proxyRules = ruleKind({
  noun: 'proxy',
  plural: 'proxies',
  topic: 'openidcs proxy',
  // Newer versions have the same names, and leave three out (contracts/openidcs.md 2.6).
  names: {
    domain: 'domain',
    backend_ip: 'backend_ip',
    backend_port: 'backend_port',
    ssl_enabled: 'ssl_enabled',
    ssl_type: 'ssl_type',
    ssl_cert: 'ssl_cert',
    ssl_key: 'ssl_key',
    description: 'description',
  },
  key: 'domain',
  columns: {
    index: rule => rule.index,
    domain: rule => textOf(rule.domain),
    target: rule => ruleTargetOf(rule.backend_ip, rule.backend_port),
    ssl: rule => cell.yesNo(rule.ssl_enabled),
    ssl_type: rule => textOf(rule.ssl_type),
    note: rule => textOf(rule.description),
  },
  describe: rule => `${textOf(rule.domain) ?? '?'} to ${socketOf(rule.backend_ip, rule.backend_port)}`,
  adding: {
    flags: {
      domain: flag.text({summary: 'domain to serve', placeholder: 'name', filled: true, required: true}),
      to: flag.addressAndPort({summary: 'address and port of the virtual machine', required: true}),
      ssl: flag.boolean({summary: 'serve it over HTTPS'}),
      'ssl-type': flag.text({
        summary: 'older servers only: where the certificate is from',
        placeholder: 'text',
        filled: true,
      }),
      'ssl-cert': flag.text({summary: 'older servers only: file of the certificate, - for stdin', ...file}),
      'ssl-key': flag.text({summary: 'older servers only: file of its key, - for stdin', ...file}),
      note: flag.text({summary: 'what it is for', placeholder: 'text'}),
    },
    files: ['ssl-cert', 'ssl-key'],
    /** @throws PanelctlError USAGE for what is no domain, and for parts of SSL without the rest */
    wanted({domain, to, ssl, note, 'ssl-type': type, 'ssl-cert': cert, 'ssl-key': key}) {
      // The panel takes anything, and a web server that is given an address as a name serves nobody.
      if (!/^[^\s/:@]+$/.test(domain))
        throw usageError(`"${domain}" is not a domain`, 'as in www.example.com')
      if (!ssl && (type ?? cert ?? key) !== undefined) {
        throw usageError('--ssl-type, --ssl-cert and --ssl-key go with --ssl', 'add --ssl')
      }
      if ((cert === undefined) !== (key === undefined)) {
        throw usageError('a certificate and its key go together', 'give both --ssl-cert and --ssl-key')
      }
      for (const [name, text] of Object.entries({'--ssl-cert': cert, '--ssl-key': key})) {
        if (text?.trim() === '') throw usageError(`the file of ${name} is empty`)
        if (text !== undefined && isMask(text.trim()))
          throw usageError(`the file of ${name} holds a mask, not a secret`)
      }
      return {
        meaning: ofDomain(domain),
        given: {
          '--domain': {domain},
          '--to': {backend_ip: to.address, backend_port: to.port},
          '--ssl': {ssl_enabled: ssl},
          '--ssl-type': {ssl_type: type},
          '--ssl-cert': {ssl_cert: cert},
          '--ssl-key': {ssl_key: key},
          '--note': {description: note},
        },
        along: {ssl_type: '', ssl_cert: '', ssl_key: '', description: ''},
      }
    },
  },
  finding: {
    flags: {
      domain: flag.text({
        summary: 'domain of the proxy',
        placeholder: 'name',
        filled: true,
        among: 'openidcs proxy list --columns domain,target',
      }),
    },
    meaning: ({domain}) => (domain === undefined ? undefined : ofDomain(domain)),
  },
  read: (api, path) => api(listProxies, {path}),
  add: (api, path, body) => api(addProxy, {path, body}),
  remove: (api, path, {index}) => api(deleteProxy, {path: {...path, index}}),
  // The newest gives an empty reason for both (2.6 no. 34).
  refusedHint:
    'where no reason is told, another virtual machine may have the domain, or the panel cannot start its proxy program',
})
