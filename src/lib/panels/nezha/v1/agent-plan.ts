import {resolve} from 'node:path'
import {agentFlagWords} from '../../../agent/agent-flags.js'
import type {Gathering, Plan} from '../../../agent/agent-kind.js'
import {scriptOf} from '../../../agent/install-url.js'
import {planNodes} from '../../../agent/plan-nodes.js'
import {readEnvironmentSecret} from '../../../config/environment.js'
import {PanelctlError} from '../../../errors.js'
import type {Client} from '../../../http/client.js'
import {checkProbeHost, flagsOfNewerAgent, variablesOfAgent} from '../agent/allow-list.js'
import {flagsForAgent, givenHost, type NodeFlags, probePortOf} from '../agent/plan.js'
import {checkProbe} from '../agent/probe.js'
import {type AgentSettings, agentSettings, checkAgentSecret, scriptUrl} from './agents.js'
import {showProfile, showSettings} from './endpoints.js'
import {ofSomeServers, tokenIdentity} from './token-identity.js'

const mirrorUrl = 'https://gitee.com/naibahq/scripts/raw/main/agent/install.sh'

/** Web and gRPC have one port (contracts/nezha.md 3.0). */
const probeHints = {
  web: 'let what stands before the dashboard pass gRPC on to it (nginx: grpc_pass), or give a port that does: --probe-port',
  tls: 'give --tls',
}

/**
 * The install script takes the newest agent, which these never get online (contracts/nezha.md 3.6, trap 50): they have one
 * secret for all accounts, which is how they show.
 * @throws PanelctlError REJECTED for v1.0 to v1.3
 */
async function refuseOldDashboard(client: Client): Promise<void> {
  const {config} = await client.call(showSettings, {})
  if (config || (await client.call(showProfile, {})).agent_secret) return
  throw new PanelctlError(
    'REJECTED',
    'the install script brings the newest agent, and a dashboard before v1.4 does not understand it',
    {hint: 'update the dashboard first; nothing was run', panel: 'nezha'},
  )
}

/** Where agents report: what was given, else what the dashboard says. */
function addressOf(flags: NodeFlags, {env}: Gathering, {server, tls}: AgentSettings) {
  const [, usualHost = '', usualPort = tls ? '443' : '80'] = /^(.*?)(?::(\d+))?$/.exec(server) ?? []
  const host = givenHost(flags, env) ?? checkProbeHost(usualHost, "the dashboard's settings")
  const port = probePortOf(flags, env, usualPort)
  const isUsual = port === Number(usualPort)
  return {host, port, tls: flags.tls ?? (isUsual ? tls : port === 443)}
}

/**
 * Everything that flags, environment and the dashboard say of the nodes; flags win.
 * @throws PanelctlError USAGE for what the script's `eval` must not see, REJECTED for a dashboard that is too old, and as
 * `agentSettings`
 */
export async function gatherOfV1(flags: NodeFlags, given: Gathering): Promise<Plan> {
  const {env, machine, client} = given
  const nodes = planNodes(flags, env, machine)
  const words = flagsForAgent(flags).flatMap(text => agentFlagWords(flagsOfNewerAgent, text))
  const secret = given.secret ?? (await readEnvironmentSecret(env, 'NEZHA_AGENT_SECRET'))
  await refuseOldDashboard(client)
  const settings = await agentSettings(client, secret)
  const probe = addressOf(flags, given, settings)
  const address = `${probe.host}:${probe.port}`
  const isCn = flags.mirror === 'cn'
  return {
    nodes,
    agent: {
      address,
      reportsTo: `${address} ${probe.tls ? 'with' : 'without'} TLS`,
      ...scriptOf(flags, env, {variable: 'NEZHA_INSTALL_URL', usual: isCn ? mirrorUrl : scriptUrl}),
      workdir: resolve(flags.workdir),
      accountSecret: settings.secret,
      call: uuid => ({
        words: [],
        env: {
          NZ_SERVER: address,
          NZ_TLS: String(probe.tls),
          NZ_CLIENT_SECRET: settings.secret,
          NZ_UUID: uuid,
          ...Object.fromEntries(words.map(word => [variablesOfAgent[word.slice(2)], 'true'])),
          ...(isCn ? {CN: 'true'} : {}),
        },
      }),
      checkAddress: async options => {
        // The node would be in no list that it sees, and neither is one of that name elsewhere.
        const limited = ofSomeServers(await tokenIdentity(client))
        if (limited) throw limited
        if (secret !== undefined) await checkAgentSecret(client, secret)
        await checkProbe({...probe, wantsAlpn: true}, probeHints, options)
      },
    },
  }
}
