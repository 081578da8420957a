import {usageError} from '../../../errors.js'
import {addNat, deleteNat, listNat} from '../endpoints.js'
import {numberOf, socketOf, textOf} from '../loose-values.js'
import type {Wanted} from './rule-addition.js'
import {type Choice, inSeedNames, type Meaning, type Rule, type RuleKind} from './rules.js'

/** The seed's names, and what newer versions call them; their rules have no protocol (contracts/openidcs.md 2.4). */
const names = {
  protocol: 'protocol',
  external_port: 'wan_port',
  internal_port: 'lan_port',
  internal_ip: 'lan_addr',
  description: 'nat_tips',
} as const
export type NatRule = Rule<keyof typeof names>

export const natRules: RuleKind<NatRule> = {
  noun: 'port forward',
  plural: 'port forwards',
  flags: {external_port: 'port', internal_ip: 'to', internal_port: 'to', description: 'note'},
  lookWith: 'openidcs nat list :host :vm',
  read: (api, path) => api(listNat, {path}),
  show: (told, index) => inSeedNames(told, index, names),
  add: (api, path, body) => api(addNat, {path, body}),
  remove: (api, path, {index}) => api(deleteNat, {path: {...path, index}}),
  describe: rule =>
    [
      textOf(rule.protocol),
      textOf(rule.external_port) ?? '?',
      'to',
      socketOf(rule.internal_ip, rule.internal_port),
    ]
      .filter(Boolean)
      .join(' '),
  refusedHint:
    'another virtual machine may have the port, or the router still does after a deletion: try another --port',
  // The panel asks whether the port is taken, which it is, by this rule, before it tells the router (2.4 no. 29).
  remains: ({wan_port}) =>
    wan_port === undefined
      ? undefined
      : `the router may forward port ${textOf(wan_port) ?? '?'} all the same: this version of the panel often leaves the rule there`,
}

export const protocols = ['tcp', 'udp'] as const

/** Whether a rule forwards a protocol: one without is of a newer version, whose router forwards both (2.4 no. 27). */
function forwards(rule: NatRule, protocol: string): boolean {
  const own = textOf(rule.protocol)
  return own === null || own.toLowerCase().split(/\W+/).includes(protocol)
}

function onPort(port: number, protocol?: string): Meaning<NatRule> {
  return {
    words: `on ${protocol ?? 'port'} ${port}`,
    means: rule =>
      numberOf(rule.external_port) === port && (protocol === undefined || forwards(rule, protocol)),
  }
}

/**
 * The port forward that flags mean.
 * @throws PanelctlError USAGE for a protocol without a port
 */
export function natChoice({
  port,
  protocol,
  index,
}: {
  port: number | undefined
  protocol: (typeof protocols)[number] | undefined
  index: number | undefined
}): Choice<NatRule> {
  if (protocol !== undefined && port === undefined)
    throw usageError('--protocol goes with --port', 'add --port')
  return {
    index,
    meaning: port === undefined ? undefined : onPort(port, protocol),
    flag: '--port',
    narrower: protocol === undefined ? '--protocol' : undefined,
  }
}

export interface NatFlags {
  readonly port: number
  readonly to: {readonly address: string; readonly port: number}
  readonly protocol: (typeof protocols)[number] | undefined
  readonly note: string | undefined
}

/** The port forward that flags ask for. On a newer version the seed's names alone would make another one (2.4 no. 28). */
export function natWanted(flags: NatFlags): Wanted<NatRule> {
  const {port, to, protocol = 'tcp', note} = flags
  const rule = {
    protocol,
    external_port: port,
    internal_port: to.port,
    internal_ip: to.address,
    description: note ?? '',
  }
  const newer = {wan_port: port, lan_port: to.port, lan_addr: to.address, nat_tips: note ?? ''}
  return {
    meaning: onPort(port, protocol),
    body: {...rule, ...newer},
    given: {...rule, protocol: flags.protocol, description: note},
    sent: {index: null, ...rule},
  }
}
