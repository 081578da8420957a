import {isIP} from 'node:net'
import type {AgentFlags} from '../../../agent/agent-flags.js'
import {usageError} from '../../../errors.js'

// The script puts host, port, secret and flags through `eval` without quotes (contracts/nezha.md 2.1, trap 26).
const harmless = /^[A-Za-z0-9.:_-]+$/

/** Whether a text may go through the script's `eval`. */
export function isHarmless(text: string): boolean {
  return harmless.test(text)
}

/**
 * The address that agents report to, without its port.
 * @throws PanelctlError USAGE for what no agent can use, or what a shell would execute
 */
export function checkProbeHost(host: string, source: string): string {
  if (host.includes('://')) {
    throw usageError(`${source}: "${host}" is a URL`, 'give the host name alone, without http://')
  }
  if (isIP(host.replace(/^\[|\]$/g, '')) === 6) {
    throw usageError(
      `${source}: the install script joins host and port with a colon, so an IPv6 address does not work`,
      'give a host name that resolves to it',
    )
  }
  if (host.includes(':')) {
    throw usageError(`${source}: "${host}" has a port in it`, 'give the port with --probe-port')
  }
  if (!isHarmless(host) || host.startsWith('-')) {
    throw usageError(
      `${source}: "${host}" is not a host name`,
      'only letters, digits, dots, hyphens and underscores go there: the install script executes the rest',
    )
  }
  return host
}

const seconds = {pattern: /^[1-9]\d{0,8}$/, words: 'a number of seconds', example: '2'}

/** What the agent takes, and `service install` drops without a word (contracts/nezha.md 2.1). */
function dropped(name: string, instead = 'set it in config.yml beside the agent, after it is installed') {
  return {[name]: {why: `the agent's service install drops --${name} without a word`, instead}}
}

/** The variables of the install script of v1 and v2, by the flags of v0's (2.3); one has another name than the agent's. */
export const variablesOfAgent: Readonly<Record<string, string>> = {
  'disable-command-execute': 'NZ_DISABLE_COMMAND_EXECUTE',
  'disable-auto-update': 'NZ_DISABLE_AUTO_UPDATE',
  'disable-force-update': 'DISABLE_FORCE_UPDATE',
  'skip-conn': 'NZ_SKIP_CONNECTION_COUNT',
}

/** What the agent of v1 and v2 is told by that script. */
export const flagsOfNewerAgent: AgentFlags = {
  agent: 'the install script of Nezha v1 and v2',
  flags: Object.fromEntries(Object.keys(variablesOfAgent).map(name => [name, 'alone'])),
  short: {},
  own: {
    server: '--probe-address and --probe-port',
    'client-secret': '--secret-file or NEZHA_AGENT_SECRET',
    uuid: 'no flag: panelctl makes it, and knows the node by it',
    tls: '--tls or --no-tls',
  },
}

/** The flags of agent 0.20.5 that `service install` writes into the service (2.1). */
export const flagsOfAgent: AgentFlags = {
  agent: 'agent 0.20.5',
  flags: {
    debug: 'alone',
    'report-delay': {pattern: /^[1-4]$/, words: '1 to 4 seconds', example: '2'},
    'skip-conn': 'alone',
    'skip-procs': 'alone',
    'disable-command-execute': 'alone',
    'disable-auto-update': 'alone',
    'disable-force-update': 'alone',
    'use-ipv6-countrycode': 'alone',
    gpu: 'alone',
    gitee: 'alone',
    'ip-report-period': seconds,
  },
  short: {d: 'debug', u: 'ip-report-period', k: 'insecure', s: 'server', p: 'password'},
  own: {
    server: '--probe-address',
    password: 'no flag: the secret is the one that the panel gives',
    tls: '--tls or --no-tls',
  },
  refused: {
    ...dropped(
      'insecure',
      'an installed agent cannot skip the check of a certificate: give the TLS proxy a trusted one',
    ),
    ...dropped('temperature'),
    ...dropped('disable-nat'),
    ...dropped('disable-send-query'),
  },
}
