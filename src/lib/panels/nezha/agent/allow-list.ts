import {isIP} from 'node:net'
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

/** The flags of agent 0.20.5 that `service install` writes into the service, and whether a value follows (2.1). */
const agentFlags: Readonly<Record<string, 'alone' | RegExp>> = {
  debug: 'alone',
  'report-delay': /^[1-4]$/,
  'skip-conn': 'alone',
  'skip-procs': 'alone',
  'disable-command-execute': 'alone',
  'disable-auto-update': 'alone',
  'disable-force-update': 'alone',
  'use-ipv6-countrycode': 'alone',
  gpu: 'alone',
  gitee: 'alone',
  'ip-report-period': /^[1-9]\d{0,8}$/,
}

/** What the agent takes, and `service install` drops without a word (2.1). */
const droppedFlags = new Set(['insecure', 'temperature', 'disable-nat', 'disable-send-query'])
const ownFlags: Readonly<Record<string, string>> = {
  server: '--probe-address',
  password: 'no flag: the secret is the one that the panel gives',
  tls: '--tls or --no-tls',
}
const short: Readonly<Record<string, string>> = {
  d: 'debug',
  u: 'ip-report-period',
  k: 'insecure',
  s: 'server',
  p: 'password',
}

/**
 * The words of one `--agent-flag`: `skip-conn`, `--skip-conn`, `report-delay=2` or `--report-delay 2`.
 * @throws PanelctlError USAGE for a flag that the agent does not know, or that would be lost on the way
 */
export function agentFlagWords(text: string): string[] {
  const [, word = '', value] = /^-{0,2}([^=\s]*)(?:[=\s]\s*(.*))?$/s.exec(text.trim()) ?? []
  const name = short[word] ?? word
  if (ownFlags[name]) throw usageError(`--agent-flag: ${name} is not set this way`, `use ${ownFlags[name]}`)
  if (droppedFlags.has(name)) {
    throw usageError(
      `--agent-flag: the agent's service install drops --${name} without a word`,
      name === 'insecure'
        ? 'an installed agent cannot skip the check of a certificate: give the TLS proxy a trusted one'
        : 'set it in config.yml beside the agent, after it is installed',
    )
  }
  const takes = Object.hasOwn(agentFlags, name) ? agentFlags[name] : undefined
  if (takes === undefined) {
    throw usageError(
      `--agent-flag: agent 0.20.5 has no flag "${text}"`,
      `it has ${Object.keys(agentFlags).join(', ')}`,
    )
  }
  if (takes === 'alone') {
    if (value !== undefined) throw usageError(`--agent-flag: ${name} takes no value`)
    return [`--${name}`]
  }
  if (value === undefined || !takes.test(value)) {
    const range = name === 'report-delay' ? '1 to 4' : 'a number of'
    throw usageError(`--agent-flag: ${name} needs ${range} seconds`, `--agent-flag ${name}=2`)
  }
  return [`--${name}`, value]
}
