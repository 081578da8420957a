import type {Connection} from '../config/connection/resolve.js'
import {readSecretFile} from '../config/environment.js'
import {configPaths} from '../config/files/paths.js'
import {PanelctlError, usageError} from '../errors.js'
import type {Client} from '../http/client.js'
import {DryRun, type PlannedRequest} from '../http/dry-run.js'
import type {Panel} from '../http/panel.js'
import type {Target} from '../http/target.js'
import {MASK} from '../mask.js'
import type {Unfinished} from '../outcome.js'
import type {AgentKind, AgentPlan, CheckOptions, Namesakes, NodeId, NodePlan} from './agent-kind.js'
import {commandLine} from './command-line.js'
import {type EmitFormat, type Emitted, emitNodes, leftOut} from './emit-nodes.js'
import {installNode} from './install-node.js'
import {findAgent} from './installed.js'
import {thisMachine} from './machine.js'
import type {NodeResult} from './node-result.js'
import {checkMachine} from './preflight.js'
import {nodeLeftAlone, onlineElsewhere, sayTags, severalTold, toldNodes} from './register-once.js'
import {nowadays} from './reporting.js'
import {type AgentRun, type IfExists, tell} from './run.js'
import {refuseRelative} from './work-folder.js'

/** How long a node may take to report where nobody says, in milliseconds: flags.ts tells it. */
const USUAL_WAIT = 120_000

/** The flags of the command that the flow looks at itself. */
export interface FlowFlags {
  readonly emit: EmitFormat | undefined
  readonly workdir: string
  readonly 'if-exists': IfExists
  readonly 'secret-file': string | undefined
  readonly wait: number | undefined
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

/** What `--dry-run` prints: the request that would register the node, or the node that is there, and what would follow. */
export interface DryPlan extends Partial<PlannedRequest> {
  readonly id?: NodeId
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
  refuseContradictions(flags)
  if (flags.emit !== undefined) refuseRelative(flags.workdir)
  const connection = await caller.connect(kind.panel)
  const client = caller.client(kind.panel, connection)
  const given = await givenSecret(kind, flags)
  const {agent, nodes} = await kind.gather(flags, {
    env,
    machine,
    url: connection.url,
    client,
    secret: given,
  })
  // One of the account is no node's, and is in the plan.
  const secret = agent.accountSecret === undefined ? given : undefined
  if ((await connection.credential()) === undefined) {
    throw new PanelctlError('AUTH', 'registering a node needs a token, and none was given', {
      hint: kind.panel.credentialHint,
      panel: kind.panel.name,
    })
  }
  const run: AgentRun = {
    kind,
    client,
    panel: connection,
    machine,
    env,
    stateDir: configPaths(env).stateDir,
    signal,
    note: speech.note,
    warn: speech.warn,
    ifExists: flags['if-exists'],
    wait: flags['no-wait'] ? 0 : (flags.wait ?? USUAL_WAIT),
    skipPreflight: flags['skip-preflight'],
    showSecrets: flags['show-secrets'],
    secret,
  }
  const {emit} = flags
  const [node, ...others] = nodes
  if (others.length > 0 && emit === undefined) {
    throw usageError('one machine is one node', 'give one --name, or --emit for other machines')
  }
  if (secret !== undefined && flags['if-exists'] === 'create')
    throw usageError('--secret-file is for a node that is there, and --if-exists create for a new one')
  if (others.length > 0 && secret !== undefined)
    throw usageError('a secret is that of one node', 'give one --name with --secret-file')
  tell(
    run,
    'gather',
    `${nodes.map(({name}) => `"${name}"`).join(', ')}${node.tag === undefined ? '' : ` (${node.tag})`} of ${connection.url}, reporting to ${agent.reportsTo}`,
  )
  await preflight(run, agent, node, {
    installsHere: emit === undefined,
    stranger: url => caller.client(kind.panel, {...connection, url, credential: async () => undefined}),
  })
  if (flags['dry-run']) throw await planned(run, agent, nodes, emit)
  return emit === undefined ? installNode(run, agent, node) : emitNodes(run, agent, nodes, emit)
}

/** @throws PanelctlError USAGE for flags of which one says that the other has nothing to say */
function refuseContradictions({emit, wait, 'no-wait': isUnwaited}: FlowFlags): void {
  if (wait !== undefined && isUnwaited) throw usageError('--wait and --no-wait contradict each other')
  if (emit === undefined || (wait === undefined && !isUnwaited)) return
  const given = isUnwaited ? '--no-wait' : '--wait'
  throw usageError(`--emit installs nothing here, and waits for nothing`, `leave out ${given}`)
}

/** @throws PanelctlError USAGE for a file that holds no secret */
async function givenSecret<Flags>(
  {takesSecret}: AgentKind<Flags>,
  {'secret-file': path}: FlowFlags,
): Promise<string | undefined> {
  if (path === undefined) return undefined
  const secret = await readSecretFile(path, '--secret-file')
  if (takesSecret(secret)) return secret
  throw usageError(`--secret-file: ${path} holds no secret of an agent`, 'the dashboard shows it')
}

/** Step 2: everything that can be known to fail, before anything is made. */
async function preflight(
  run: AgentRun,
  agent: AgentPlan,
  node: NodePlan,
  {installsHere, stranger}: {installsHere: boolean; stranger: CheckOptions['stranger']},
): Promise<void> {
  // That the credential works comes first, and is not skipped: whatever follows asks the panel.
  await run.kind.namesakes(run.client, node)
  if (run.skipPreflight) {
    tell(run, 'preflight', 'only the credential was checked (--skip-preflight)')
    return
  }
  await agent.checkAddress({
    machine: run.machine,
    caFile: run.panel.caFile,
    signal: run.signal,
    stranger,
    warn: run.warn,
  })
  if (installsHere) await checkMachine(run.kind, agent, run.machine)
  tell(
    run,
    'preflight',
    `the credential works, agents are listened to${installsHere ? ', and the script can run here' : ''}`,
  )
}

/**
 * The requests that would be sent: the client gives them instead of sending.
 * @throws PanelctlError as a run would
 */
async function planned(
  run: AgentRun,
  agent: AgentPlan,
  nodes: readonly NodePlan[],
  emit: EmitFormat | undefined,
): Promise<DryRun> {
  const plans: DryPlan[] = []
  for (const node of nodes) {
    const found = await run.kind.namesakes(run.client, node)
    await sayTags(run, node, found)
    const alone = nodeLeftAlone(run, node, found, undefined)
    if (emit !== undefined && (alone ?? leftOut(run, node, found))) continue
    const installed = emit === undefined && (await findAgent(run.kind, run.machine, agent.workdir))
    plans.push({
      ...(alone ? {id: alone.id} : await madeOrThere(run, node, found, Boolean(installed))),
      script: agent.installUrl.href,
      workdir: agent.workdir,
      command: commandLine(run, agent, MASK),
    })
  }
  return new DryRun(undefined, nodes.length === 1 && plans.length === 1 ? plans[0] : plans)
}

/** The request that would make a node, or the one that is there and that a run would take; neither where it `appears`. */
async function madeOrThere(
  run: AgentRun,
  node: NodePlan,
  found: Namesakes,
  isInstalled: boolean,
): Promise<Partial<PlannedRequest> | {id: NodeId}> {
  if (run.ifExists !== 'create') {
    const told = toldNodes(run, found.nodes)
    const [only] = told
    if (told.length > 1) throw severalTold(run, node, told)
    if (only && !isInstalled && nowadays(found.nodes)(only, found.date))
      throw onlineElsewhere(run, node, only)
    if (only) return {id: only.id}
  }
  if (run.kind.appears) return {}
  try {
    await run.kind.register(run.client, node)
  } catch (error) {
    if (error instanceof DryRun && error.request) return error.request
    throw error
  }
  throw new Error('a write was sent under --dry-run')
}
