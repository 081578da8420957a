import {withLock} from '../config/files/lock.js'
import {PanelctlError} from '../errors.js'
import {shellWord} from '../shell-word.js'
import type {FoundNode, MadeNode, Namesakes, NodeId, NodePlan} from './agent-kind.js'
import {nowadays} from './reporting.js'
import {type AgentRun, tell} from './run.js'
import {
  forgetNode,
  type HeldPlace,
  readSavedNode,
  type SavedNode,
  savedPlace,
  saveNode,
} from './saved-node.js'

/** A node whose secret we have. */
export interface RegisteredNode {
  readonly saved: SavedNode & {readonly secret: string}
  /** Whether this run has registered it; else an earlier one did. */
  readonly now: boolean
  /** Whether anything of it had to be changed besides. */
  readonly arranged: boolean
}

/**
 * The node that a saved secret belongs to: the one whose id was saved or that the panel tells this secret of, else those that
 * came after the intent. They are several where two machines of one name registered at once.
 */
export function ownNodes(
  {id, secret, idsBefore}: SavedNode,
  nodes: readonly FoundNode[],
): readonly FoundNode[] {
  return nodes.filter(node => {
    if (node.secret !== undefined && node.secret === secret) return true
    if (id !== undefined) return node.id === id
    return (node.secret === undefined || secret === undefined) && !idsBefore.includes(node.id)
  })
}

/** Those of these nodes whose secret is known without a saved one: the panel tells it, or `--secret-file` does so of the only one. */
export function toldNodes(
  {secret: given}: AgentRun,
  nodes: readonly FoundNode[],
): (FoundNode & {readonly secret: string})[] {
  return nodes.flatMap(node => {
    const secret = node.secret ?? (nodes.length === 1 ? given : undefined)
    return secret === undefined || (given !== undefined && given !== secret) ? [] : {...node, secret}
  })
}

/** As long as an install may take: another run that holds the lock is waited for. */
const patience = 15 * 60_000

/** A node under its lock. */
export interface HeldNode extends HeldPlace {
  readonly run: AgentRun
  /** With the group that it is in, where the plan leaves that as it is. */
  readonly node: NodePlan & {readonly tag: string}
  readonly plan: NodePlan
}

/** `"web1" (Production)`: what tells it from others. */
export function distinctName({kind}: AgentRun, {name, tag = ''}: NodePlan): string {
  return kind.isTagged ? `"${name}" (${tag})` : `"${name}"`
}

/** What two nodes have in common that are taken for one. */
function sameness({kind}: AgentRun): string {
  return kind.isTagged ? 'name and tag' : 'name'
}

/** Works on a node under its lock, as two runs at once make one; with its namesakes by then, and what an earlier run saved. */
export function withNode<T>(
  run: AgentRun,
  plan: NodePlan,
  work: (held: HeldNode, found: Namesakes, saved: SavedNode | undefined) => Promise<T>,
): Promise<T> {
  const {name, tag = ''} = plan
  const place = savedPlace(run.stateDir, run.panel.url, run.kind.isTagged ? [name, tag] : [name])
  const busy = `another panelctl is at ${distinctName(run, plan)}`
  return withLock(
    {
      folder: place.folder,
      name: place.lockName,
      patience,
      busy,
      variable: 'PANELCTL_STATE_DIR',
      signal: run.signal,
      waiting: () => run.note(`${busy}: waiting for it`),
    },
    async lock => {
      const saved = await readSavedNode(place)
      const found = await run.kind.namesakes(run.client, plan, saved?.secret)
      checkGiven(run, plan, found)
      await sayTags(run, plan, found)
      const held = {run, plan, node: {...plan, tag: plan.tag ?? found.nodes[0]?.tag ?? ''}, place, lock}
      return work(held, found, saved && (await unfinished(held, found, saved)))
    },
  )
}

/** Says where a node of that name is under another tag: it is another one where nodes are tagged, and this one elsewhere. */
export async function sayTags(run: AgentRun, plan: NodePlan, {nodes}: Namesakes): Promise<void> {
  const {kind, client} = run
  const others = nodes.length > 0 ? nodes : ((await kind.underOtherTags?.(client, plan)) ?? [])
  for (const node of others) {
    const {tag} = node
    if (tag === undefined || plan.tag === undefined || tag.split(',').includes(plan.tag)) continue
    const which = `${describe(run, [node])}, "${plan.name}"`
    if (kind.isTagged)
      run.note(`${which} under the tag "${tag}", is another: --tag ${shellWord(tag)} would mean it`)
    else if (tag !== '') run.note(`${which}, is in "${tag}", and --tag says "${plan.tag}"`)
  }
}

/** What an earlier run left, as far as it is still of use: a node that was deleted takes its secret along. */
async function unfinished(
  held: HeldNode,
  {nodes}: Namesakes,
  saved: SavedNode,
): Promise<SavedNode | undefined> {
  const {run} = held
  const own = ownNodes(saved, nodes)
  const [told, ...others] = toldNodes(run, own)
  // What is told now is newer than what was saved, and is there where the answer to a registration was lost.
  if (told && others.length === 0) return {...saved, id: told.id, secret: told.secret}
  if (saved.secret === undefined || own.length > 0 || run.kind.appears) return saved
  run.warn(
    `${run.kind.noun} ${saved.id ?? saved.name}, whose secret an earlier run saved, is no longer on the panel`,
  )
  await forgetNode(held)
  return undefined
}

/**
 * Makes sure that a given secret is that of a node that is there.
 * @throws PanelctlError NOT_FOUND, or REJECTED where it is another one's
 */
function checkGiven(run: AgentRun, plan: NodePlan, {nodes}: Namesakes): void {
  if (run.secret === undefined || toldNodes(run, nodes).length > 0) return
  const panel = run.kind.panel.name
  const [first, ...others] = nodes
  if (!first) {
    throw new PanelctlError('NOT_FOUND', `no ${run.kind.noun} on the panel is ${distinctName(run, plan)}`, {
      hint: '--secret-file is for one that is there; without it a new one is registered',
      panel,
    })
  }
  throw new PanelctlError(
    'REJECTED',
    others.length > 0 && first.secret === undefined
      ? `${describe(run, nodes)} have that ${sameness(run)}: nothing tells whose secret is given`
      : `the given secret is not that of ${distinctName(run, plan)} (${describe(run, nodes)})`,
    {hint: 'check --secret-file: the dashboard shows the secret of each', panel},
  )
}

/** `server 5`, `servers 5, 6`. */
export function describe({kind}: AgentRun, nodes: readonly FoundNode[]): string {
  return `${kind.noun}${nodes.length === 1 ? '' : 's'} ${nodes.map(({id}) => id).join(', ')}`
}

function nameIsTaken({kind}: AgentRun, message: string, hint: string): PanelctlError {
  return new PanelctlError('REJECTED', message, {hint, reason: 'exists', panel: kind.panel.name})
}

/**
 * The node that is left alone, whatever of it is here, because `--if-exists` says so.
 * @throws PanelctlError REJECTED where it says to fail
 */
export function nodeLeftAlone(
  run: AgentRun,
  node: NodePlan,
  {nodes}: Namesakes,
  saved: SavedNode | undefined,
): FoundNode | undefined {
  const [first] = nodes
  if (first && run.ifExists === 'skip') {
    tell(run, 'once', `${describe(run, nodes)} has that ${sameness(run)}: left alone (--if-exists skip)`)
    return first
  }
  if (first && run.ifExists === 'fail') {
    throw nameIsTaken(
      run,
      `${distinctName(run, node)} is on the panel already: ${describe(run, nodes)}`,
      saved?.secret === undefined
        ? `choose another --name${run.kind.isTagged ? ' or --tag' : ''}`
        : 'an earlier run saved its secret: --if-exists resume goes on from there',
    )
  }
  return undefined
}

/** The node whose secret is saved, where an agent reports with it already. */
export function nodeAtWork(saved: SavedNode | undefined, {nodes, date}: Namesakes): FoundNode | undefined {
  const own = saved?.secret === undefined ? [] : ownNodes(saved, nodes)
  return own.every(node => nowadays(nodes)(node, date)) ? own[0] : undefined
}

/**
 * Registers a node, once: resumes what an earlier run began.
 * @throws PanelctlError REJECTED naming the node that stands in the way; what a register throws (UNCERTAIN: the
 * intent stays, so that the next run finds out)
 */
export async function registerOnce(
  held: HeldNode,
  found: Namesakes,
  saved: SavedNode | undefined,
): Promise<RegisteredNode> {
  const {run} = held
  const {nodes} = found
  const [first] = nodes
  const atWork = nodeAtWork(saved, found)
  if (atWork && run.ifExists !== 'create') {
    throw onlineElsewhere(run, held.node, atWork)
  }
  if (saved?.secret !== undefined && !atWork) {
    const own = ownNodes(saved, nodes)
    const {appears} = run.kind
    if (appears !== undefined && own.length === 0) {
      tell(run, 'once', `an earlier run saved its ${appears}`)
      sayAppears(run, saved.secret)
    } else {
      const which = own.length > 0 ? ` (${describe(run, own)})` : ''
      tell(run, 'once', `an earlier run registered it${which} and saved its secret`)
      tell(run, 'register', 'not needed')
    }
    return settled(held, {...saved, secret: saved.secret}, false)
  }
  if (run.ifExists !== 'create') {
    const told = toldNode(held, found)
    if (told) return settled(held, {...intentOf(held, []), id: told.id, secret: told.secret}, false)
    refuseNamesakes(held, nodes, saved)
  }
  tell(
    run,
    'once',
    first
      ? `${describe(run, nodes)} has that ${sameness(run)} too (--if-exists create)`
      : `no ${run.kind.noun} of that ${sameness(run)} yet`,
  )
  return register(held, nodes)
}

export function onlineElsewhere(run: AgentRun, node: NodePlan, there: FoundNode): PanelctlError {
  return nameIsTaken(
    run,
    `${distinctName(run, node)} is online already: ${describe(run, [there])}, and no agent is installed here`,
    'if that was this machine until a moment ago, run it again in a minute; else choose another --name, or register another with --if-exists create',
  )
}

/** Several may be meant, and nothing is made beside them. */
export function severalTold(run: AgentRun, node: NodePlan, told: readonly FoundNode[]): PanelctlError {
  return nameIsTaken(
    run,
    `${describe(run, told)} are all ${distinctName(run, node)}`,
    'give the secret of the one that is meant with --secret-file, or choose another --name',
  )
}

/**
 * The node that is there and whose secret is told.
 * @throws PanelctlError REJECTED where it is at work elsewhere, or several may be meant
 */
function toldNode(held: HeldNode, {nodes, date}: Namesakes): (FoundNode & {secret: string}) | undefined {
  const {run, node} = held
  const told = toldNodes(run, nodes)
  const [only] = told
  if (!only) return undefined
  if (told.length > 1) throw severalTold(run, node, told)
  if (nowadays(nodes)(only, date)) throw onlineElsewhere(run, node, only)
  tell(run, 'once', `${describe(run, [only])} has that ${sameness(run)}, and its secret is told`)
  tell(run, 'register', 'not needed')
  return only
}

/** Without its secret a node that exists is of no use, and who registers need not be able to delete it. */
function refuseNamesakes(
  {run, node}: HeldNode,
  nodes: readonly FoundNode[],
  saved: SavedNode | undefined,
): void {
  const [first] = nodes
  if (!first) return
  const ours = saved ? ownNodes(saved, nodes) : []
  if (ours.length > 0) {
    throw nameIsTaken(
      run,
      `${describe(run, ours)} was registered as ${distinctName(run, node)} by a run whose answer was lost, so nobody has its secret`,
      `give the secret that the dashboard shows with --secret-file, or delete ${describe(run, ours)} on the dashboard and run it again; or register another with --if-exists create`,
    )
  }
  throw nameIsTaken(
    run,
    `${distinctName(run, node)} is on the panel already: ${describe(run, nodes)}, whose secret is not saved here`,
    `give the secret that the dashboard shows with --secret-file, delete ${describe(run, nodes)} on the dashboard, choose another --name, or register another with --if-exists create`,
  )
}

/** Whether an error proves that nothing was registered. */
function provesNothingDone(error: unknown): boolean {
  return error instanceof PanelctlError && ['USAGE', 'AUTH', 'REJECTED', 'UNREACHABLE'].includes(error.code)
}

function intentOf({run, node}: HeldNode, idsBefore: readonly NodeId[]): SavedNode {
  return {panel: run.panel.url, name: node.name, tag: node.tag, idsBefore: [...idsBefore]}
}

/**
 * A node whose secret we have: saved, and as the plan says.
 * @throws PanelctlError BAD_RESPONSE for a secret that the script must not see
 */
async function settled(
  held: HeldNode,
  saved: SavedNode & {readonly secret: string},
  now: boolean,
): Promise<RegisteredNode> {
  const {kind, client} = held.run
  await saveNode(held, saved)
  if (!kind.takesSecret(saved.secret)) {
    throw new PanelctlError(
      'BAD_RESPONSE',
      `the panel gave ${kind.noun} ${saved.id ?? saved.name} a secret that the install script cannot be given`,
      {hint: `is this a ${kind.panel.title} dashboard?`, panel: kind.panel.name},
    )
  }
  const arranged = saved.id !== undefined && (await kind.arrange?.(client, saved.id, held.plan))
  return {saved, now, arranged: arranged === true}
}

function sayAppears(run: AgentRun, secret: string): void {
  tell(run, 'register', `the ${run.kind.noun} appears with the first report, as ${secret}`)
}

async function register(held: HeldNode, nodes: readonly FoundNode[]): Promise<RegisteredNode> {
  const {run, node} = held
  const intent = intentOf(
    held,
    nodes.map(({id}) => id),
  )
  await saveNode(held, intent)
  run.signal.throwIfAborted()
  const interrupted = () =>
    run.note('waiting for the answer of the panel, which has the secret; interrupt again to end at once')
  run.signal.addEventListener('abort', interrupted, {once: true})
  let made: MadeNode
  try {
    made = await run.kind.register(run.client, node)
  } catch (error) {
    if (provesNothingDone(error)) await forgetNode(held)
    throw error
  } finally {
    run.signal.removeEventListener('abort', interrupted)
  }
  const saved = {...intent, ...made}
  await saveNode(held, saved)
  run.signal.throwIfAborted()
  if (run.kind.appears !== undefined) {
    sayAppears(run, made.secret)
    return settled(held, saved, true)
  }
  const [first, ...others] = ownNodes(saved, (await run.kind.namesakes(run.client, node)).nodes)
  tell(run, 'register', first ? `registered as ${describe(run, [first, ...others])}` : 'registered')
  return settled(held, first && others.length === 0 ? {...saved, id: first.id} : saved, true)
}
