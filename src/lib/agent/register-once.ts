import type {Lock} from '../config/lock.js'
import {PanelctlError} from '../errors.js'
import {registerServer} from '../panels/nezha/endpoints.js'
import {registration} from '../panels/nezha/registration.js'
import type {Server} from '../panels/nezha/schemas.js'
import {isHarmless} from './allow-list.js'
import type {NodePlan} from './plan.js'
import {type Namesakes, namesakes} from './reporting.js'
import {type AgentRun, tell} from './run.js'
import {forgetNode, readSavedNode, type SavedNode, type SavedPlace, saveNode} from './saved-node.js'

/** A node whose secret we have. */
export interface RegisteredNode {
  readonly kind: 'registered'
  readonly saved: SavedNode & {readonly secret: string}
  /** Whether this run has registered it; else an earlier one did. */
  readonly now: boolean
}

/** A node that is on the panel and stays as it is. */
export interface PresentNode {
  readonly kind: 'present'
  readonly server: Server
}

/**
 * The server that a saved secret belongs to: the one whose id was saved, else those that came after the intent. They are
 * several where two machines of one name registered at once.
 */
export function ownServers({id, idsBefore}: SavedNode, servers: readonly Server[]): readonly Server[] {
  return servers.filter(server => (id === undefined ? !idsBefore.includes(server.id) : server.id === id))
}

/** What an earlier run left, as far as it is still of use: a server that was deleted takes its secret along. */
export async function unfinished(
  run: AgentRun,
  lock: Lock,
  place: SavedPlace,
  {servers}: Namesakes,
): Promise<SavedNode | undefined> {
  const saved = await readSavedNode(place)
  if (saved?.secret === undefined || ownServers(saved, servers).length > 0) return saved
  run.warn(`server ${saved.id ?? saved.name}, whose secret an earlier run saved, is no longer on the panel`)
  await forgetNode(lock, place)
  return undefined
}

function describe(servers: readonly Server[]): string {
  const ids = servers.map(({id}) => id).join(', ')
  return servers.length === 1 ? `server ${ids}` : `servers ${ids}`
}

function refused(message: string, hint: string): PanelctlError {
  return new PanelctlError('REJECTED', message, {hint, panel: 'nezha'})
}

/**
 * Registers a node, once: resumes what an earlier run began, and else does with a server of that name and tag as
 * `--if-exists` says. To be called under the lock of its place.
 * @throws PanelctlError REJECTED naming the server that stands in the way; what a register throws (UNCERTAIN: the
 * intent stays, so that the next run finds out)
 */
export async function registerOnce(
  run: AgentRun,
  lock: Lock,
  place: SavedPlace,
  node: NodePlan,
  found: Namesakes,
  saved: SavedNode | undefined,
): Promise<RegisteredNode | PresentNode> {
  const {servers} = found
  const [first] = servers
  if (first && run.ifExists === 'skip') {
    tell(run, 'once', `${describe(servers)} has that name and tag: left alone (--if-exists skip)`)
    return {kind: 'present', server: first}
  }
  if (first && run.ifExists === 'fail') {
    throw refused(
      `"${node.name}" (${node.tag}) is on the panel already: ${describe(servers)}`,
      saved?.secret === undefined
        ? 'choose another --name or --tag'
        : 'an earlier run saved its secret: --if-exists resume goes on from there',
    )
  }
  if (saved?.secret !== undefined) {
    tell(
      run,
      'once',
      `an earlier run registered it (${describe(ownServers(saved, servers))}) and saved its secret`,
    )
    tell(run, 'register', 'not needed')
    checkSecret(saved.secret)
    return {kind: 'registered', saved: {...saved, secret: saved.secret}, now: false}
  }
  if (run.ifExists !== 'create') refuseNamesakes(node, servers, saved)
  tell(
    run,
    'once',
    first
      ? `${describe(servers)} has that name and tag too (--if-exists create)`
      : 'no server of that name and tag yet',
  )
  return register(run, lock, place, node, servers)
}

/** Without its secret a server that exists is of no use, and a token cannot delete it (1.7). */
function refuseNamesakes(node: NodePlan, servers: readonly Server[], saved: SavedNode | undefined): void {
  const [first] = servers
  if (!first) return
  const ours = saved ? ownServers(saved, servers) : []
  if (ours.length > 0) {
    throw refused(
      `${describe(ours)} was registered as "${node.name}" (${node.tag}) by a run whose answer was lost, so nobody has its secret`,
      `delete ${describe(ours)} on the dashboard and run it again; or register another with --if-exists create`,
    )
  }
  throw refused(
    `"${node.name}" (${node.tag}) is on the panel already: ${describe(servers)}, whose secret is not saved here`,
    `delete ${describe(servers)} on the dashboard, choose another --name, or register another with --if-exists create`,
  )
}

/** The script puts the secret through `eval` (trap 26). */
function checkSecret(secret: string): void {
  if (isHarmless(secret)) return
  throw new PanelctlError(
    'BAD_RESPONSE',
    'the panel gave a secret with characters that the install script would execute',
    {hint: 'is this a Nezha v0 dashboard?', panel: 'nezha'},
  )
}

/** Whether an error proves that nothing was registered. */
function provesNothingDone(error: unknown): boolean {
  return error instanceof PanelctlError && ['USAGE', 'AUTH', 'REJECTED', 'UNREACHABLE'].includes(error.code)
}

async function register(
  run: AgentRun,
  lock: Lock,
  place: SavedPlace,
  node: NodePlan,
  servers: readonly Server[],
): Promise<RegisteredNode> {
  const intent: SavedNode = {
    panel: run.panel.url,
    name: node.name,
    tag: node.tag,
    idsBefore: servers.map(({id}) => id),
  }
  await saveNode(lock, place, intent)
  run.signal.throwIfAborted()
  const interrupted = () =>
    run.note('waiting for the panel, which tells the secret only once; interrupt again to end at once')
  run.signal.addEventListener('abort', interrupted, {once: true})
  let secret: string
  try {
    secret = (await run.client.call(registerServer, {body: registration(node)})).secret
  } catch (error) {
    if (provesNothingDone(error)) await forgetNode(lock, place)
    throw error
  } finally {
    run.signal.removeEventListener('abort', interrupted)
  }
  const saved = {...intent, secret}
  await saveNode(lock, place, saved)
  run.signal.throwIfAborted()
  const [server, ...others] = ownServers(saved, (await namesakes(run, node)).servers)
  const identified = server && others.length === 0 ? {...saved, id: server.id} : saved
  await saveNode(lock, place, identified)
  tell(run, 'register', server ? `registered as ${describe([server, ...others])}` : 'registered')
  checkSecret(secret)
  return {kind: 'registered', saved: identified, now: true}
}
