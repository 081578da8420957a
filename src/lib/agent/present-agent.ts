import {PanelctlError, usageError} from '../errors.js'
import type {Unfinished} from '../outcome.js'
import {shellWord} from '../shell-word.js'
import type {Namesakes, NodeId} from './agent-kind.js'
import type {InstalledAgent} from './installed.js'
import {idOf, type NodeResult, online, silent, type Work} from './node-result.js'
import {describe, distinctName, ownNodes, toldNodes} from './register-once.js'
import {awaitReport, nowadays} from './reporting.js'
import {type AgentRun, tell} from './run.js'
import {hashOfSecret, readReported, type SavedNode} from './saved-node.js'
import {typeLine} from './services.js'

// What is made of an agent that is on this machine already.

/** An agent may be away for a while after its panel has started anew. */
const grace = 20_000

function removeFirst({kind}: AgentRun, {removal}: InstalledAgent, otherwise?: string): string {
  return `${otherwise ?? `the install script would ${kind.script.overAgent}`}; to replace it, first: ${removal}`
}

/** An agent of ours: what is here of it has the saved secret, or has none and an earlier run's script has brought it. */
export function isOurs(
  installed: InstalledAgent,
  saved: SavedNode | undefined,
): saved is SavedNode & {secret: string} {
  if (saved?.secret === undefined) return false
  const {service, secret} = installed
  return service || secret !== undefined ? secret === saved.secret : saved.ran === true
}

/**
 * An earlier run has installed the agent and did not live to see it report.
 * @returns undefined where nothing starts the agent and it does not report: the script may run again
 */
export async function finishInstalled(
  work: Work,
  saved: SavedNode & {secret: string},
  installed: InstalledAgent,
  found: Namesakes,
): Promise<NodeResult | Unfinished<NodeResult> | undefined> {
  const {run, agent, node} = work
  const {address = agent.address} = installed
  if (address !== agent.address) {
    throw new PanelctlError(
      'REJECTED',
      `an earlier run has installed the agent of "${node.name}" to report to ${address}`,
      {hint: removeFirst(run, installed), panel: run.kind.panel.name},
    )
  }
  tell(run, 'once', `an earlier run has installed the agent (${installed.path})`)
  const {service, unfit} = installed
  const canRun = service !== undefined && unfit === undefined
  const arranged = await startService(work, installed)
  const reporting = await awaitReport(run, node, {
    among: nodes => ownNodes(saved, nodes),
    since: nowadays(found.nodes),
    secret: saved.secret,
    // What has no program is not waited for: nothing starts it.
    patience: canRun ? run.wait : service ? 0 : Math.min(run.wait, grace),
  })
  const done = {registered: false, installed: false, arranged}
  if (reporting.length > 0) return online(work, reporting, saved.secret, done)
  if (canRun) return silent(work, {id: idOf(ownNodes(saved, found.nodes)), ...done})
  await removeRemains(work, installed)
  return undefined
}

/**
 * Has the service of an agent of ours at work: a script that was ended may have written it and not started it.
 * @returns whether it was not
 * @throws PanelctlError REJECTED where it does not start
 */
export async function startService(
  {run, node}: Work,
  {path, service, unfit}: InstalledAgent,
): Promise<boolean> {
  if (!service || unfit !== undefined) return false
  const {isRunning, start} = service
  if ((await typeLine(run.machine, isRunning, run.signal)) === 0) return false
  run.note(`its service is not at work: ${start}`)
  const code = await typeLine(run.machine, start, run.signal)
  if (code === 0) return true
  throw new PanelctlError(
    'REJECTED',
    `the agent of "${node.name}" is installed (${path}), and its service does not start: "${start}" ended with exit code ${code}`,
    {hint: `look at it: ${run.kind.installed.look}`, panel: run.kind.panel.name},
  )
}

/**
 * What a script left that was ended half-way: the next would put another beside it (contracts/nezha.md 2.3), or say that a
 * service is there already. A program alone is written over.
 * @throws PanelctlError USAGE where it stays
 */
async function removeRemains({run}: Work, {path, secret, service}: InstalledAgent): Promise<void> {
  if (secret === undefined && service === undefined) return
  const files = [...new Set([path, service?.file ?? path])]
  const removal = [...(service ? [service.stop] : []), `rm ${files.map(shellWord).join(' ')}`].join('; ')
  run.note(`an earlier run left it half-installed: ${removal}`)
  if ((await typeLine(run.machine, removal, run.signal)) === 0) return
  throw usageError(`cannot remove ${path}, which an earlier run left`, `run it as root, or first: ${removal}`)
}

interface KnownNode {
  readonly ids: readonly NodeId[]
  readonly secretSha256: string
}

/**
 * The node as which an installed agent reports, where the panel made it and nobody has named it: what an earlier run would have
 * named, had its state not been lost.
 * @throws PanelctlError REJECTED where somebody has
 */
async function unnamedNode(
  {run, node}: Work,
  secret: string,
  refuse: (why: string, otherwise?: string) => PanelctlError,
): Promise<KnownNode | undefined> {
  const {nodes} = await run.kind.namesakes(run.client, node, secret)
  const own = nodes.find(candidate => candidate.secret === secret)
  if (own?.name === undefined) return undefined
  const which = `${describe(run, [own])}, "${own.name}"`
  if (own.isNamed)
    throw refuse(`which reports as ${which}`, `to take it as it is: --name ${shellWord(own.name)}`)
  tell(run, 'once', `the agent that is here reports as ${which}, which nobody has named`)
  return {ids: [own.id], secretSha256: hashOfSecret(secret)}
}

/** What is known of the node that this machine is: its secret is told, or it was registered from here and is still on the panel. */
async function knownNode(
  {run, place}: Work,
  saved: SavedNode | undefined,
  {nodes}: Namesakes,
  {secret}: InstalledAgent,
): Promise<KnownNode | undefined> {
  // An agent that says nothing of itself may be any.
  const told = secret === undefined ? [] : toldNodes(run, nodes)
  const [first] = told
  const match = told.find(node => node.secret === secret)
  if (match) return {ids: [match.id], secretSha256: hashOfSecret(match.secret)}
  if (first) return {ids: told.map(({id}) => id), secretSha256: hashOfSecret(first.secret)}
  if (saved?.secret !== undefined) {
    return {ids: ownNodes(saved, nodes).map(({id}) => id), secretSha256: hashOfSecret(saved.secret)}
  }
  const kept = await readReported(place)
  return kept && nodes.some(({id}) => id === kept.id) ? {...kept, ids: [kept.id]} : undefined
}

/**
 * An agent that no unfinished run of ours has brought. The script would remove it, or make two of it (contracts/nezha.md traps 37, 51).
 * @throws PanelctlError REJECTED unless it reports as this very node
 */
export async function acceptInstalled(
  work: Work,
  saved: SavedNode | undefined,
  installed: InstalledAgent,
  found: Namesakes,
): Promise<NodeResult> {
  const {run, agent, node} = work
  const {address, secret, service, unfit} = installed
  const refuse = (why: string, otherwise?: string) =>
    new PanelctlError(
      'REJECTED',
      `an agent is installed on this machine already (${installed.path}), ${why}: nothing was registered and nothing run`,
      {hint: removeFirst(run, installed, otherwise), panel: run.kind.panel.name},
    )
  if (address !== undefined && address !== agent.address) throw refuse(`which reports to ${address}`)
  const saysWhose = address !== undefined && secret !== undefined
  const unnamed = found.nodes.length === 0 && saysWhose ? await unnamedNode(work, secret, refuse) : undefined
  const known = unnamed ?? (await knownNode(work, saved, found, installed))
  // Another machine of that name may be online: what is here has to say whose it is.
  if (!saysWhose && (service || known === undefined)) {
    throw refuse('and nothing here says to which panel and as which node it reports')
  }
  if (found.nodes.length === 0 && !unnamed) {
    throw refuse(`and no ${distinctName(run, node)} is on the panel`)
  }
  if (known && secret !== undefined && hashOfSecret(secret) !== known.secretSha256) {
    throw refuse(`with another secret than that of "${node.name}" (${run.kind.noun} ${known.ids.join(', ')})`)
  }
  if (run.ifExists === 'create') throw refuse(`and --if-exists create is for another ${run.kind.noun}`)
  const since = nowadays(found.nodes)
  const report = async (among: Parameters<typeof awaitReport>[2]['among']) => {
    const reporting = await awaitReport(run, node, {
      among,
      since,
      secret,
      patience: Math.min(run.wait, grace),
    })
    if (reporting.length > 0) return reporting
    if (unfit !== undefined) throw refuse(`and ${unfit}`, 'it cannot run')
    throw refuse(
      `and ${distinctName(run, node)} does not report`,
      service ? `look at it: ${run.kind.installed.look}` : undefined,
    )
  }
  if (!known) await report((nodes, now) => nodes.filter(candidate => since(candidate, now)))
  const ids = known?.ids ?? (await nodeOfMachine(work, found, refuse))
  const own = await report(nodes => nodes.filter(({id}) => ids.includes(id)))
  run.note(`"${node.name}" is already there: its agent is installed (${installed.path}) and reports`)
  // A secret that nobody vouches for is not kept as the node's.
  return online(work, own, saved?.secret, {registered: false, installed: false})
}

/**
 * The namesake that runs on this machine; another one may be the one that reports.
 * @throws PanelctlError REJECTED unless it is the only node of the panel that may run here
 */
async function nodeOfMachine(
  {run, node}: Work,
  {nodes}: Namesakes,
  refuse: (why: string) => PanelctlError,
): Promise<readonly NodeId[]> {
  const {kind, client, machine} = run
  const ids = (await kind.ofMachine?.(client, machine)) ?? []
  if (ids.length === 1 && nodes.some(({id}) => ids.includes(id))) return ids
  const told = ids.length === 0 ? `no ${kind.noun} of the panel` : `${kind.noun} ${ids.join(' or ')}`
  throw refuse(
    `and nothing shows that it is ${distinctName(run, node)}: by what agents tell of their machines, this one is ${told}`,
  )
}
