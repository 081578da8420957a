import type {AgentKind} from '../../../agent/agent-kind.js'
import type {Client} from '../../../http/client.js'
import type {Panel} from '../../../http/panel.js'
import {nezha} from '../panel.js'
import {allServers} from '../servers.js'
import {agentOfV1} from '../v1/agent-kind.js'
import {nezhaAgent} from './kind.js'
import type {NodeFlags} from './plan.js'

/** The agents that this dashboard takes: those of v0 and those of v1 and v2 are installed in two ways. */
export async function agentOf(run: {client(panel: Panel): Client}): Promise<AgentKind<NodeFlags>> {
  const client = run.client(nezha)
  const generation = await client.generation(nezha)
  // Whoever else answers is told in the words of any other command.
  if (generation === undefined) await allServers({api: client.call, now: () => new Date()})
  return generation === 'v1' || generation === 'v2' ? agentOfV1 : nezhaAgent
}
