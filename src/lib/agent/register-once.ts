import {withLock} from '../config/files/lock.js'
import {PanelctlError} from '../errors.js'
import type {FoundNode, Namesakes, NodePlan} from './agent-kind.js'
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
}

/**
 * The node that a saved secret belongs to: the one whose id was saved, else those that came after the intent. They are
 * several where two machines of one name registered at once.
 */
export function ownNodes({id, idsBefore}: SavedNode, nodes: readonly FoundNode[]): readonly FoundNode[] {
  return nodes.filter(node => (id === undefined ? !idsBefore.includes(node.id) : node.id === id))
}

/** As long as an install may take: another run that holds the lock is waited for. */
const patience = 15 * 60_000

/** A node under its lock. */
export interface HeldNode extends HeldPlace {
  readonly run: AgentRun
  readonly node: NodePlan
}

/** Works on a node under its lock, as two runs at once make one; with its namesakes by then, and what an earlier run saved. */
export function withNode<T>(
  run: AgentRun,
  node: NodePlan,
  work: (held: HeldNode, found: Namesakes, saved: SavedNode | undefined) => Promise<T>,
): Promise<T> {
  const place = savedPlace(run.stateDir, run.panel.url, node)
  const busy = `another panelctl is at "${node.name}" (${node.tag})`
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
      const held = {run, node, place, lock}
      const found = await run.kind.namesakes(run.client, node)
      return work(held, found, await unfinished(held, found))
    },
  )
}

/** What an earlier run left, as far as it is still of use: a node that was deleted takes its secret along. */
async function unfinished(held: HeldNode, {nodes}: Namesakes): Promise<SavedNode | undefined> {
  const {run} = held
  const saved = await readSavedNode(held.place)
  if (saved?.secret === undefined || ownNodes(saved, nodes).length > 0) return saved
  run.warn(
    `${run.kind.noun} ${saved.id ?? saved.name}, whose secret an earlier run saved, is no longer on the panel`,
  )
  await forgetNode(held)
  return undefined
}

/** `server 5`, `servers 5, 6`. */
function describe({kind}: AgentRun, nodes: readonly FoundNode[]): string {
  return `${kind.noun}${nodes.length === 1 ? '' : 's'} ${nodes.map(({id}) => id).join(', ')}`
}

function nameIsTaken({kind}: AgentRun, message: string, hint: string): PanelctlError {
  return new PanelctlError('REJECTED', message, {hint, reason: 'exists', panel: kind.panel.name})
}

/**
 * The node that is left alone, whatever of it is here, because `--if-exists` says so.
 * @throws PanelctlError REJECTED where it says to fail
 */
export function leftAlone(
  {run, node}: HeldNode,
  {nodes}: Namesakes,
  saved: SavedNode | undefined,
): FoundNode | undefined {
  const [first] = nodes
  if (first && run.ifExists === 'skip') {
    tell(run, 'once', `${describe(run, nodes)} has that name and tag: left alone (--if-exists skip)`)
    return first
  }
  if (first && run.ifExists === 'fail') {
    throw nameIsTaken(
      run,
      `"${node.name}" (${node.tag}) is on the panel already: ${describe(run, nodes)}`,
      saved?.secret === undefined
        ? 'choose another --name or --tag'
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
  const {run, node} = held
  const {nodes} = found
  const [first] = nodes
  const atWork = nodeAtWork(saved, found)
  if (atWork && run.ifExists !== 'create') {
    throw nameIsTaken(
      run,
      `"${node.name}" (${node.tag}) is online already: ${describe(run, [atWork])}, and no agent is installed here`,
      'choose another --name, or register another with --if-exists create',
    )
  }
  if (saved?.secret !== undefined && !atWork) {
    tell(
      run,
      'once',
      `an earlier run registered it (${describe(run, ownNodes(saved, nodes))}) and saved its secret`,
    )
    tell(run, 'register', 'not needed')
    run.kind.checkSecret(saved.secret)
    return {saved: {...saved, secret: saved.secret}, now: false}
  }
  if (run.ifExists !== 'create') refuseNamesakes(held, nodes, saved)
  tell(
    run,
    'once',
    first
      ? `${describe(run, nodes)} has that name and tag too (--if-exists create)`
      : `no ${run.kind.noun} of that name and tag yet`,
  )
  return register(held, nodes)
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
      `${describe(run, ours)} was registered as "${node.name}" (${node.tag}) by a run whose answer was lost, so nobody has its secret`,
      `delete ${describe(run, ours)} on the dashboard and run it again; or register another with --if-exists create`,
    )
  }
  throw nameIsTaken(
    run,
    `"${node.name}" (${node.tag}) is on the panel already: ${describe(run, nodes)}, whose secret is not saved here`,
    `delete ${describe(run, nodes)} on the dashboard, choose another --name, or register another with --if-exists create`,
  )
}

/** Whether an error proves that nothing was registered. */
function provesNothingDone(error: unknown): boolean {
  return error instanceof PanelctlError && ['USAGE', 'AUTH', 'REJECTED', 'UNREACHABLE'].includes(error.code)
}

async function register(held: HeldNode, nodes: readonly FoundNode[]): Promise<RegisteredNode> {
  const {run, node} = held
  const intent: SavedNode = {
    panel: run.panel.url,
    name: node.name,
    tag: node.tag,
    idsBefore: nodes.map(({id}) => id),
  }
  await saveNode(held, intent)
  run.signal.throwIfAborted()
  const interrupted = () =>
    run.note('waiting for the panel, which tells the secret only once; interrupt again to end at once')
  run.signal.addEventListener('abort', interrupted, {once: true})
  let secret: string
  try {
    secret = await run.kind.register(run.client, node)
  } catch (error) {
    if (provesNothingDone(error)) await forgetNode(held)
    throw error
  } finally {
    run.signal.removeEventListener('abort', interrupted)
  }
  const saved = {...intent, secret}
  await saveNode(held, saved)
  run.signal.throwIfAborted()
  const [first, ...others] = ownNodes(saved, (await run.kind.namesakes(run.client, node)).nodes)
  const identified = first && others.length === 0 ? {...saved, id: first.id} : saved
  await saveNode(held, identified)
  tell(run, 'register', first ? `registered as ${describe(run, [first, ...others])}` : 'registered')
  run.kind.checkSecret(secret)
  return {saved: identified, now: true}
}
