import {usageError} from '../../../errors.js'
import {flag} from '../../../flags/flags.js'
import {hint, panelctl} from '../../../hint.js'
import {addNat, deleteNat, listNat} from '../endpoints.js'
import {numberOf, ruleTargetOf, socketOf, textOf} from '../loose-values.js'
import {type Meaning, type Rule, ruleKind} from './rules.js'

const protocols = ['tcp', 'udp'] as const

/** Whether a rule forwards a protocol: one without is of a newer version, whose router forwards both (2.4 no. 27). */
function forwards(rule: Rule, protocol: string): boolean {
  const own = textOf(rule.protocol)
  return own === null || own.toLowerCase().split(/\W+/).includes(protocol)
}

function onPort(port: number, protocol?: string): Meaning {
  return {
    words: `on ${protocol ?? 'port'} ${port}`,
    means: rule =>
      numberOf(rule.external_port) === port && (protocol === undefined || forwards(rule, protocol)),
  }
}

export const natRules = ruleKind({
  noun: 'port forward',
  plural: 'port forwards',
  topic: 'openidcs nat',
  // Newer rules have no protocol (contracts/openidcs.md 2.4).
  names: {
    protocol: 'protocol',
    external_port: 'wan_port',
    internal_port: 'lan_port',
    internal_ip: 'lan_addr',
    description: 'nat_tips',
  },
  key: 'external_port',
  columns: {
    index: rule => rule.index,
    protocol: rule => textOf(rule.protocol),
    port: rule => numberOf(rule.external_port) ?? textOf(rule.external_port),
    target: rule => ruleTargetOf(rule.internal_ip, rule.internal_port),
    note: rule => textOf(rule.description),
  },
  describe: rule =>
    [
      textOf(rule.protocol),
      textOf(rule.external_port) ?? '?',
      'to',
      socketOf(rule.internal_ip, rule.internal_port),
    ]
      .filter(Boolean)
      .join(' '),
  adding: {
    flags: {
      port: flag.integer({summary: 'public port', min: 1, max: 65_535, required: true}),
      to: flag.addressAndPort({summary: 'address and port of the virtual machine', required: true}),
      protocol: flag.choice(protocols, {summary: 'what is forwarded (default tcp)'}),
      note: flag.text({summary: 'what it is for', placeholder: 'text'}),
    },
    wanted: ({port, to, protocol, note}) => ({
      meaning: onPort(port, protocol ?? 'tcp'),
      given: {
        '--protocol': {protocol},
        '--port': {external_port: port},
        '--to': {internal_port: to.port, internal_ip: to.address},
        '--note': {description: note},
      },
      // On a newer version the seed's names alone would make another one (2.4 no. 28).
      along: {
        protocol: 'tcp',
        description: '',
        wan_port: port,
        lan_port: to.port,
        lan_addr: to.address,
        nat_tips: note ?? '',
      },
    }),
  },
  finding: {
    flags: {
      port: flag.integer({
        summary: 'public port',
        min: 1,
        max: 65_535,
        among: 'openidcs nat list --columns port,target',
      }),
      protocol: flag.choice(protocols, {summary: 'what is forwarded, where a port has both'}),
    },
    meaning({port, protocol}) {
      if (port !== undefined) return onPort(port, protocol)
      if (protocol !== undefined) throw usageError('--protocol goes with --port', 'add --port')
      return undefined
    },
  },
  read: (api, path) => api(listNat, {path}),
  add: (api, path, body) => api(addNat, {path, body}),
  remove: (api, path, {index}) => api(deleteNat, {path: {...path, index}}),
  // What is refused is in the database all the same, and in the list as soon as anybody reads it from there (trap 28).
  refusedHint: hint`so that the rule does not come back: ${panelctl('openidcs system config save')}; another virtual machine may have the port, or the router still does after a deletion: try another --port; or the host has no router that answers (i_kuai_addr)`,
  // The panel asks whether the port is taken, which it is, by this rule, before it tells the router (2.4 no. 29).
  traits: ({wan_port}) =>
    wan_port === undefined
      ? {}
      : {
          leaves: `the router may forward port ${textOf(wan_port) ?? '?'} all the same: this version of the panel often leaves the rule there`,
        },
})
