import {resolve} from 'node:path'
import {agentFlagWords} from '../../../agent/agent-flags.js'
import type {Gathering, Plan, ScriptCall} from '../../../agent/agent-kind.js'
import {type ScriptFlags, scriptOf} from '../../../agent/install-url.js'
import {type NodesFlags, planNodes} from '../../../agent/plan-nodes.js'
import {type Environment, variable} from '../../../config/environment.js'
import {usageError} from '../../../errors.js'
import {checkProbeHost, flagsOfAgent} from './allow-list.js'
import {checkProbe} from './probe.js'

/** The flags of `nezha node auto-register`, as they were given. */
export interface NodeFlags extends NodesFlags, ScriptFlags {
  readonly 'probe-address': string | undefined
  readonly 'probe-port': number | undefined
  readonly tls: boolean | undefined
  readonly 'agent-flag': readonly string[]
  readonly 'disable-command-execute': boolean
  readonly mirror: 'cn' | undefined
  readonly workdir: string
}

// The v0 scripts: those on main install v1 or v2 (contracts/nezha.md 2.1, 2.2).
const scriptUrl = 'https://raw.githubusercontent.com/nezhahq/scripts/refs/heads/v0/install.sh'
const mirrorUrl = 'https://gitee.com/naibahq/scripts/raw/v0/install.sh'

const probeHints = {
  web: 'the dashboard has another port for agents, usually 5555: --probe-port',
  tls: 'leave out --no-tls',
}

/** The group of a server that is registered without one (1.6). */
const usualTag = 'AutoRegister'

/** The port that flag or variable give, or the usual one. */
export function probePortOf(flags: NodeFlags, env: Environment, usual: string): number {
  if (flags['probe-port'] !== undefined) return flags['probe-port']
  const text = variable(env, 'NEZHA_PROBE_PORT') ?? usual
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw usageError(`NEZHA_PROBE_PORT: "${text}" is not a port`, 'a port is a number from 1 to 65535')
  }
  return port
}

/** The host that flag or variable give. */
export function givenHost(flags: NodeFlags, env: Environment): string | undefined {
  const given = flags['probe-address']
  if (given !== undefined) return checkProbeHost(given, '--probe-address')
  const stated = variable(env, 'NEZHA_PROBE_ADDRESS')
  return stated === undefined ? undefined : checkProbeHost(stated, 'NEZHA_PROBE_ADDRESS')
}

function probeHostOf(flags: NodeFlags, env: Environment): string {
  const given = givenHost(flags, env)
  if (given !== undefined) return given
  // The seed's script goes on with probe.example.com here.
  throw usageError(
    'where shall the agent report to?',
    'give the host of the dashboard’s gRPC port with --probe-address or NEZHA_PROBE_ADDRESS',
  )
}

/** All that is for the agent itself. */
export function flagsForAgent(flags: NodeFlags): readonly string[] {
  return [...flags['agent-flag'], ...(flags['disable-command-execute'] ? ['disable-command-execute'] : [])]
}

/**
 * Everything that flags and environment say of the nodes, in one place; flags win.
 * @throws PanelctlError USAGE for what is missing, or what the script's `eval` must not see
 */
export function gather(flags: NodeFlags, {env, machine}: Gathering): Plan {
  const nodes = planNodes({...flags, tag: flags.tag ?? usualTag}, env, machine)
  const tls = flags.tls ?? true
  const [host, port] = [probeHostOf(flags, env), probePortOf(flags, env, '5555')]
  const scriptEnv: ScriptCall['env'] = flags.mirror === 'cn' ? {CN: 'true'} : {}
  const agentFlags = [
    ...(tls ? ['--tls'] : []),
    ...flagsForAgent(flags).flatMap(text => agentFlagWords(flagsOfAgent, text)),
  ]
  return {
    nodes,
    agent: {
      address: `${host}:${port}`,
      reportsTo: `${host}:${port} ${tls ? 'with' : 'without'} TLS`,
      ...scriptOf(flags, env, {
        variable: 'NEZHA_INSTALL_URL',
        usual: flags.mirror === 'cn' ? mirrorUrl : scriptUrl,
      }),
      workdir: resolve(flags.workdir),
      call: secret => ({
        words: ['install_agent', host, String(port), secret, ...agentFlags],
        env: scriptEnv,
      }),
      checkAddress: options => checkProbe({host, port, tls}, probeHints, options),
    },
  }
}
