import type {Connection} from '../config/connection/resolve.js'
import {configPaths} from '../config/files/paths.js'
import {PanelctlError, usageError} from '../errors.js'
import type {Client} from '../http/client.js'
import {DryRun, type PlannedRequest} from '../http/dry-run.js'
import type {Panel} from '../http/panel.js'
import type {Target} from '../http/target.js'
import {MASK} from '../mask.js'
import type {Unfinished} from '../outcome.js'
import type {AgentKind, AgentPlan, NodePlan} from './agent-kind.js'
import {type EmitFormat, type Emitted, emitNodes} from './emit-nodes.js'
import {installNode, type NodeResult} from './install-node.js'
import {thisMachine} from './machine.js'
import {checkMachine} from './preflight.js'
import {type AgentRun, type IfExists, tell} from './run.js'

/** The flags of the command that the flow looks at itself. */
export interface FlowFlags {
  readonly emit: EmitFormat | undefined
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

/** Registers this machine and installs its agent, or registers others and says how: design §8. */
export async function autoRegister<Flags>(
  caller: Caller,
  kind: AgentKind<Flags>,
  flags: FlowFlags & Flags,
  machine = thisMachine(caller.env),
): Promise<NodeResult | Unfinished<NodeResult> | Emitted | Unfinished<Emitted>> {
  const {env, signal, speech} = caller
  const {agent, nodes} = kind.gather(flags, env, machine)
  const connection = await caller.connect(kind.panel)
  if ((await connection.credential()) === undefined) {
    throw new PanelctlError('AUTH', 'registering a node needs a token, and none was given', {
      hint: kind.panel.credentialHint,
      panel: kind.panel.name,
    })
  }
  const run: AgentRun = {
    kind,
    client: caller.client(kind.panel, connection),
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
  const {emit} = flags
  const [node, ...others] = nodes
  if (others.length > 0 && emit === undefined) {
    throw usageError('one machine is one node', 'give one --name, or --emit for other machines')
  }
  tell(
    run,
    'gather',
    `${nodes.map(({name}) => `"${name}"`).join(', ')} (${node.tag}) of ${connection.url}, reporting to ${agent.reportsTo}`,
  )
  await preflight(run, agent, node, emit === undefined)
  if (flags['dry-run']) throw await planned(run, agent, nodes)
  return emit === undefined ? installNode(run, agent, node) : emitNodes(run, agent, nodes, emit)
}

/** Step 2: everything that can be known to fail, before anything is made. */
async function preflight(
  run: AgentRun,
  agent: AgentPlan,
  node: NodePlan,
  installsHere: boolean,
): Promise<void> {
  // That the token works comes first, and is not skipped: whatever follows asks the panel.
  await run.kind.namesakes(run.client, node)
  if (run.skipPreflight) {
    tell(run, 'preflight', 'only the token was checked (--skip-preflight)')
    return
  }
  await agent.checkAddress({
    machine: run.machine,
    caFile: run.panel.caFile,
    signal: run.signal,
    warn: run.warn,
  })
  if (installsHere) await checkMachine(run.kind, agent, run.machine)
  tell(
    run,
    'preflight',
    `the token works, agents are listened to${installsHere ? ', and the script can run here' : ''}`,
  )
}

/** The requests that would be sent: the client gives them instead of sending. */
async function planned(run: AgentRun, agent: AgentPlan, nodes: readonly NodePlan[]): Promise<DryRun> {
  const plans: DryPlan[] = []
  for (const node of nodes) {
    try {
      await run.kind.register(run.client, node)
    } catch (error) {
      if (!(error instanceof DryRun)) throw error
      plans.push({
        ...error.request,
        script: agent.installUrl.href,
        workdir: agent.workdir,
        command: `./${run.kind.script.name} ${agent.call(MASK).words.join(' ')}`,
      })
    }
  }
  const [first, ...others] = plans
  if (!first) throw new Error('a write was sent under --dry-run')
  return new DryRun(first, others.length === 0 ? first : plans)
}
