import {resolve} from 'node:path'
import {type Environment, variable} from '../config/environment.js'
import {usageError} from '../errors.js'
import {agentFlagWords, checkProbeHost} from './allow-list.js'
import type {Machine} from './machine.js'

/** The flags of `nezha node auto-register`, as they were given. */
export interface NodeFlags {
  readonly name: readonly string[]
  readonly tag: string | undefined
  readonly note: string | undefined
  readonly 'hide-for-guest': boolean | undefined
  readonly 'probe-address': string | undefined
  readonly 'probe-port': number | undefined
  readonly tls: boolean | undefined
  readonly 'agent-flag': readonly string[]
  readonly 'install-url': string | undefined
  readonly 'script-sha256': string | undefined
  readonly mirror: 'cn' | undefined
  readonly workdir: string
}

/** What agents on all machines of one run have in common. */
export interface AgentPlan {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  /** What follows the secret on the script's command line. */
  readonly agentFlags: readonly string[]
  readonly installUrl: URL
  /** What the script must hash to, in small letters; anything where undefined. */
  readonly sha256: string | undefined
  /** Variables for the script. */
  readonly scriptEnv: Readonly<Record<string, string>>
  /** The folder that the script runs in, and the agent's service ever after (contracts/nezha.md 2.1, trap 25). */
  readonly workdir: string
}

/** A node to register. */
export interface NodePlan {
  readonly name: string
  /** Never empty: the panel makes its own of an empty one (1.6). */
  readonly tag: string
  readonly note: string | undefined
  readonly 'hide-for-guest': boolean | undefined
}

export interface Plan {
  readonly agent: AgentPlan
  readonly nodes: readonly [NodePlan, ...NodePlan[]]
}

// The v0 scripts: those on main install v1 or v2 (contracts/nezha.md 2.1, 2.2).
const scriptUrl = 'https://raw.githubusercontent.com/nezhahq/scripts/refs/heads/v0/install.sh'
const mirrorUrl = 'https://gitee.com/naibahq/scripts/raw/v0/install.sh'

/** The group of a server that is registered without one (1.6). */
const usualTag = 'AutoRegister'

/** Whether an address leads to this very machine. */
export function isLoopback({hostname}: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

function portOf(flags: NodeFlags, env: Environment): number {
  if (flags['probe-port'] !== undefined) return flags['probe-port']
  const text = variable(env, 'NEZHA_PROBE_PORT') ?? '5555'
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw usageError(`NEZHA_PROBE_PORT: "${text}" is not a port`, 'a port is a number from 1 to 65535')
  }
  return port
}

function hostOf(flags: NodeFlags, env: Environment): string {
  const given = flags['probe-address']
  if (given !== undefined) return checkProbeHost(given, '--probe-address')
  const stated = variable(env, 'NEZHA_PROBE_ADDRESS')
  if (stated !== undefined) return checkProbeHost(stated, 'NEZHA_PROBE_ADDRESS')
  // The seed's script goes on with probe.example.com here.
  throw usageError(
    'where shall the agent report to?',
    'give the host of the dashboard’s gRPC port with --probe-address or NEZHA_PROBE_ADDRESS',
  )
}

function installUrlOf(flags: NodeFlags, env: Environment): URL {
  const usual = flags.mirror === 'cn' ? mirrorUrl : scriptUrl
  const source = flags['install-url'] === undefined ? 'NEZHA_INSTALL_URL' : '--install-url'
  const text = flags['install-url'] ?? variable(env, 'NEZHA_INSTALL_URL') ?? usual
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw usageError(`${source}: "${text}" is not an http(s) address`)
  }
  if (url.username !== '' || url.password !== '') {
    throw usageError(`${source}: the address of the script must not carry a user name or password`)
  }
  if (url.protocol === 'http:' && !isLoopback(url) && flags['script-sha256'] === undefined) {
    throw usageError(
      `${source}: what comes over plain HTTP may be anybody's, and the script runs as root`,
      'use https://, or pin the script with --script-sha256',
    )
  }
  return url
}

function sha256Of({'script-sha256': text}: NodeFlags): string | undefined {
  if (text !== undefined && !/^[0-9a-f]{64}$/i.test(text)) {
    throw usageError('--script-sha256: a SHA-256 sum has 64 hexadecimal digits', 'sha256sum install.sh')
  }
  return text?.toLowerCase()
}

/**
 * Everything that flags and environment say of the nodes, in one place; flags win.
 * @throws PanelctlError USAGE for what is missing, or what the script's `eval` must not see
 */
export function gather(flags: NodeFlags, env: Environment, machine: Machine): Plan {
  const given = flags.name.length > 0 ? flags.name : [variable(env, 'NODE_NAME') ?? machine.hostname]
  const [first, ...others] = [...new Set(given)].map(name => ({
    name,
    tag: flags.tag ?? usualTag,
    note: flags.note,
    'hide-for-guest': flags['hide-for-guest'],
  }))
  if (first === undefined || first.name === '') {
    throw usageError('this machine has no name', 'give one with --name or NODE_NAME')
  }
  const tls = flags.tls ?? true
  return {
    nodes: [first, ...others],
    agent: {
      host: hostOf(flags, env),
      port: portOf(flags, env),
      tls,
      agentFlags: [...(tls ? ['--tls'] : []), ...flags['agent-flag'].flatMap(agentFlagWords)],
      installUrl: installUrlOf(flags, env),
      sha256: sha256Of(flags),
      scriptEnv: flags.mirror === 'cn' ? {CN: 'true'} : {},
      workdir: resolve(flags.workdir),
    },
  }
}

/** The words behind the script's name. */
export function installWords({host, port, agentFlags}: AgentPlan, secret: string): string[] {
  return ['install_agent', host, String(port), secret, ...agentFlags]
}
