import {configPaths} from '../config/paths.js'
import type {Connection} from '../config/resolve.js'
import {PanelctlError, usageError} from '../errors.js'
import {type Client, DryRun, type PlannedRequest, type Target} from '../http/client.js'
import type {Panel} from '../http/panel.js'
import {registerServer} from '../panels/nezha/endpoints.js'
import {nezha} from '../panels/nezha/panel.js'
import {registration} from '../panels/nezha/registration.js'
import {installNode, type NodeResult, type SilentNode} from './install-node.js'
import {thisMachine} from './machine.js'
import {type AgentPlan, gather, installWords, type NodeFlags, type NodePlan} from './plan.js'
import {checkMachine} from './preflight.js'
import {checkProbe} from './probe.js'
import {namesakes} from './reporting.js'
import {type AgentRun, HIDDEN, type IfExists, tell} from './run.js'

export type {NodeResult} from './install-node.js'

/** The flags of the command, as the flow takes them. */
export interface AutoRegisterFlags extends NodeFlags {
  readonly 'if-exists': IfExists
  readonly wait: number
  readonly 'no-wait': boolean
  readonly 'skip-preflight': boolean
  readonly 'show-secrets': boolean
  readonly 'dry-run': boolean
}

/** What the flow needs of whoever runs it. */
export interface Caller {
  readonly env: AgentRun['env']
  readonly signal: AbortSignal
  readonly speech: {note(text: string): void; warn(text: string): void}
  connect(panel: Panel): Promise<Connection>
  client(panel: Panel, target?: Target): Client
}

/** What `--dry-run` prints: the request that would register the node, and what would follow. */
export interface DryPlan extends PlannedRequest {
  readonly script: string
  readonly workdir: string
  readonly command: string
}

/** Registers this machine and installs its agent: design §8. */
export async function autoRegister(
  caller: Caller,
  flags: AutoRegisterFlags,
): Promise<NodeResult | SilentNode> {
  const {env, signal, speech} = caller
  const machine = thisMachine(env)
  const {agent, nodes} = gather(flags, env, machine)
  const connection = await caller.connect(nezha)
  if ((await connection.credential()) === null) {
    throw new PanelctlError('AUTH', 'registering a node needs a token, and none was given', {
      hint: `set NEZHA_TOKEN; ${nezha.credentialHint}`,
      panel: 'nezha',
    })
  }
  const run: AgentRun = {
    client: caller.client(nezha, connection),
    panel: connection,
    machine,
    env,
    stateDir: configPaths(env).stateDir,
    signal,
    note: speech.note,
    warn: speech.warn,
    ifExists: flags['if-exists'],
    wait: flags['no-wait'] ? 0 : flags.wait,
    skipPreflight: flags['skip-preflight'],
    showSecrets: flags['show-secrets'],
  }
  const [node, ...others] = nodes
  if (others.length > 0) {
    throw usageError('one machine is one node', 'give one --name, or --emit for other machines')
  }
  tell(
    run,
    'gather',
    `"${node.name}" (${node.tag}) of ${connection.url}, reporting to ${agent.host}:${agent.port} ${agent.tls ? 'with' : 'without'} TLS`,
  )
  await preflight(run, agent, node)
  if (flags['dry-run']) throw await planned(run, agent, node)
  return installNode(run, agent, node)
}

/** Step 2: everything that can be known to fail, before anything is made. */
async function preflight(run: AgentRun, agent: AgentPlan, node: NodePlan): Promise<void> {
  // That the token works comes first, and is not skipped: whatever follows asks the panel.
  await namesakes(run, node)
  if (run.skipPreflight) {
    tell(run, 'preflight', 'only the token was checked (--skip-preflight)')
    return
  }
  await checkProbe(agent, run.machine, {caFile: run.panel.caFile, signal: run.signal, warn: run.warn})
  await checkMachine(agent, run.machine)
  tell(run, 'preflight', 'the token works, agents are listened to, and the script can run here')
}

/** The client gives the request instead of sending it. */
async function planned({client}: AgentRun, agent: AgentPlan, node: NodePlan): Promise<unknown> {
  const sent = client.call(registerServer, {body: registration(node)})
  return sent.catch((error: unknown) => {
    if (!(error instanceof DryRun)) return error
    const plan: DryPlan = {
      ...error.request,
      script: agent.installUrl.href,
      workdir: agent.workdir,
      command: `./nezha.sh ${installWords(agent, HIDDEN).join(' ')}`,
    }
    return new DryRun(plan)
  })
}
