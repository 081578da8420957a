import {rm} from 'node:fs/promises'
import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import {PanelctlError, reworded, systemReason, usageError} from '../errors.js'
import {type Hint, hint} from '../hint.js'
import type {Unfinished} from '../outcome.js'
import {shellWord} from '../shell-word.js'
import type {AgentPlan, FoundNode, Namesakes, NodeId, NodePlan} from './agent-kind.js'
import {commandLine, withoutSecret} from './command-line.js'
import {findAgent, type InstalledAgent} from './installed.js'
import {processStart} from './machine.js'
import {
  describe,
  distinctName,
  type HeldNode,
  leftAlone,
  ownNodes,
  type RegisteredNode,
  registerOnce,
  toldNodes,
  withNode,
} from './register-once.js'
import {after, awaitReport, nowadays} from './reporting.js'
import {type AgentRun, tell} from './run.js'
import {downloadScript, refuseForeignScript, removeScript, runScript, writeScript} from './run-script.js'
import {forgetNode, hashOfSecret, keepReported, readReported, type SavedNode, saveNode} from './saved-node.js'
import {makeWorkFolder} from './work-folder.js'

/** What was done to have this node. */
export interface NodeResult {
  readonly name: string
  /** Null where it cannot be told: two nodes of that name came at once. */
  readonly id: NodeId | null
  readonly tag: string
  /** Whether this run registered it. */
  readonly registered: boolean
  /** Whether this run installed the agent. */
  readonly installed: boolean
  /** Whether it has reported. */
  readonly online: boolean
  /** Whether this run changed anything at all. */
  readonly changed: boolean
}

/** An agent may be away for a while after its panel has started anew. */
const grace = 20_000

/** Has this machine registered, with its agent installed, and reporting; whatever an earlier run had left. */
export function installNode(
  run: AgentRun,
  agent: AgentPlan,
  node: NodePlan,
): Promise<NodeResult | Unfinished<NodeResult>> {
  return withNode(run, node, (held, found, saved) => installHeld({...held, agent}, found, saved))
}

interface Work extends HeldNode {
  readonly agent: AgentPlan
}

/** Where the script lies while it runs. */
function scriptPath({run, agent}: Work): string {
  return join(agent.workdir, run.kind.script.name)
}

async function installHeld(
  work: Work,
  found: Namesakes,
  before: SavedNode | undefined,
): Promise<NodeResult | Unfinished<NodeResult>> {
  const {run, agent} = work
  const present = leftAlone(work, found, before)
  if (present) {
    const online = nowadays(found.nodes)(present, found.date)
    return finished(work, {id: present.id, registered: false, installed: false}, online)
  }
  const saved = before?.script ? await endEarlierScript(work, {...before, script: before.script}) : before
  const installed = await findAgent(run.kind, run.machine, agent.workdir)
  if (installed) {
    const ended = isOurs(installed, saved)
      ? await finishInstalled(work, saved, installed, found)
      : await acceptInstalled(work, saved, installed, found)
    if (ended) return ended
  }
  await refuseForeignScript(scriptPath(work))
  const claim = await registerOnce(work, found, saved)
  return goOnFrom(work, claim, () => install(work, claim))
}

/** What fails from here on leaves a registered node: its secret is saved, and the hint says how to go on. */
async function goOnFrom<T>({run, node}: Work, {saved}: RegisteredNode, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof PanelctlError)) throw error
    const known = saved.id === undefined ? '' : ` as ${run.kind.noun} ${saved.id}`
    const goOn = `"${node.name}" is registered${known} and its secret is saved: the same command goes on from there`
    throw reworded(error, {hint: error.hint === undefined ? goOn : hint`${error.hint}; ${goOn}`})
  }
}

function removeFirst({kind}: AgentRun, {removal}: InstalledAgent, otherwise?: string): string {
  return `${otherwise ?? `the install script would ${kind.script.overAgent}`}; to replace it, first: ${removal}`
}

/** An agent of ours: what is here of it has the saved secret, or has none and an earlier run's script has brought it. */
function isOurs(
  installed: InstalledAgent,
  saved: SavedNode | undefined,
): saved is SavedNode & {secret: string} {
  if (saved?.secret === undefined) return false
  const {hasService, secret} = installed
  return hasService || secret !== undefined ? secret === saved.secret : saved.ran === true
}

/**
 * An earlier run has installed the agent and did not live to see it report.
 * @returns undefined where there is no service that starts the agent and it does not report: the script may run again
 */
async function finishInstalled(
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
  const reporting = await awaitReport(run, node, {
    among: nodes => ownNodes(saved, nodes),
    since: nowadays(found.nodes),
    secret: saved.secret,
    patience: installed.hasService ? run.wait : Math.min(run.wait, grace),
  })
  if (reporting.length > 0) {
    return online(work, reporting, saved.secret, {registered: false, installed: false})
  }
  if (!installed.hasService) {
    if (installed.secret !== undefined) await removeConfiguration(installed.path)
    return undefined
  }
  return silent(work, {id: idOf(ownNodes(saved, found.nodes)), registered: false, installed: false})
}

/** What a script left that was ended before its service was there: the next would put another beside it (contracts/nezha.md 2.3). */
async function removeConfiguration(path: string): Promise<void> {
  try {
    await rm(path)
  } catch (error) {
    throw usageError(
      `cannot remove ${path}, which an earlier run left: ${systemReason(error)}`,
      'run it as root',
    )
  }
}

/** The id of a node, where it can be told. */
function idOf([first, ...others]: readonly FoundNode[]): NodeId | null {
  return first && others.length === 0 ? first.id : null
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
async function acceptInstalled(
  work: Work,
  saved: SavedNode | undefined,
  installed: InstalledAgent,
  found: Namesakes,
): Promise<NodeResult> {
  const {run, agent, node} = work
  const {address, secret, hasService} = installed
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
  if (!saysWhose && (hasService || known === undefined)) {
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
    throw refuse(
      `and ${distinctName(run, node)} does not report`,
      hasService ? `look at it: ${run.kind.installed.look}` : undefined,
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

/** The script of a run that was killed may still be at work; when it has ended, its file goes. */
async function endEarlierScript(
  work: Work,
  saved: SavedNode & {script: NonNullable<SavedNode['script']>},
): Promise<SavedNode> {
  const {run} = work
  const {script, ...rest} = saved
  const {process: runner} = script
  const isRunning = async () => runner !== undefined && (await processStart(runner.id)) === runner.start
  if (await isRunning())
    run.note(`the install script of an earlier run is still at work (process ${runner?.id})`)
  while (await isRunning()) {
    await pause(run.machine.pollEvery, undefined, {signal: run.signal}).catch(() =>
      run.signal.throwIfAborted(),
    )
  }
  await removeScript(script.path)
  const ended = {...rest, ran: saved.ran ?? runner !== undefined}
  await saveNode(work, ended)
  return ended
}

/** Steps 5 to 8 of design §8. */
async function install(
  work: Work,
  {saved, now, arranged}: RegisteredNode,
): Promise<NodeResult | Unfinished<NodeResult>> {
  const {run, agent, node} = work
  const {secret} = saved
  await makeWorkFolder(run.kind, agent.workdir, run.machine)
  const script = await downloadScript(agent, {caFile: run.panel.caFile, signal: run.signal})
  tell(run, 'download', `${agent.installUrl.href}, ${script.text.length} bytes, sha256 ${script.sha256}`)

  const before = await run.kind.namesakes(run.client, node, secret)
  const path = scriptPath(work)
  let exitCode: number
  const call = agent.call(secret)
  const {hiddenVariables} = run.kind.script
  const env = Object.entries(run.env).filter(([variable]) => !hiddenVariables.test(variable))
  // Before it is there, so that a kill leaves none that nobody knows.
  await saveNode(work, {...saved, script: {path}})
  try {
    await writeScript(path, script)
  } catch (error) {
    // What is there is not ours to remove.
    await saveNode(work, saved)
    throw error
  }
  try {
    run.note(`Run command: ${commandLine(run, agent, secret)}`)
    exitCode = await runScript({
      path,
      words: call.words,
      workdir: agent.workdir,
      env: {...Object.fromEntries(env), ...call.env},
      machine: run.machine,
      signal: run.signal,
      line: text => run.note(`  ${withoutSecret(run, agent, secret, text)}`),
      starting: process => saveNode(work, {...saved, script: {path, process}}),
    })
  } finally {
    await removeScript(path)
  }
  await saveNode(work, {...saved, ran: true})
  tell(run, 'run', `the script ended with exit code ${exitCode}`)

  const id = saved.id ?? idOf(ownNodes(saved, before.nodes))
  const so = {id, registered: now, installed: false, arranged}
  if (exitCode !== 0) return failed(work, so, `the install script ended with exit code ${exitCode}`)
  // Exit 0 and the words of success mean nothing (contracts/nezha.md 2.1, trap 23; komari.md 7).
  const installed = await findAgent(run.kind, run.machine, agent.workdir)
  if (run.wait > 0) tell(run, 'verify', `waiting up to ${Math.round(run.wait / 1000)} s for its first report`)
  const reporting = await awaitReport(run, node, {
    among: nodes => ownNodes(saved, nodes),
    since: after(before),
    secret,
    patience: run.wait,
  })
  if (reporting.length > 0) return online(work, reporting, secret, {...so, installed: true})
  if (!installed) return failed(work, so, 'the install script said success and left no agent')
  return silent(work, {...so, installed: true})
}

async function online(
  work: Work,
  own: readonly FoundNode[],
  secret: string | undefined,
  {arranged = false, ...done}: Omit<Outcome, 'id'>,
): Promise<NodeResult> {
  const {run, node} = work
  const id = idOf(own)
  const now = id !== null && (await run.kind.arrange?.(run.client, id, node))
  if (secret !== undefined && id !== null) {
    await keepReported(work, {id, secretSha256: hashOfSecret(secret)})
  }
  await forgetNode(work)
  return finished(work, {...done, id, arranged: arranged || now === true}, true)
}

function finished(work: Work, outcome: Outcome, isOnline: boolean): NodeResult {
  const {run, node} = work
  const known = outcome.id === null ? '' : ` as ${run.kind.noun} ${outcome.id}`
  tell(run, 'result', `"${node.name}" is ${isOnline ? 'online' : 'registered'}${known}`)
  return resultOf(work, outcome, isOnline)
}

/** What this run has done so far. */
interface Outcome extends Pick<NodeResult, 'id' | 'registered' | 'installed'> {
  readonly arranged?: boolean
}

function resultOf({node: {name, tag}}: Work, {arranged, ...outcome}: Outcome, online: boolean): NodeResult {
  const {id, registered, installed} = outcome
  const changed = registered || installed || arranged === true
  return {name, id, tag, registered, installed, online, changed}
}

/** Its agent is here, and does not report: a problem for who waits. */
function silent(work: Work, result: Outcome): NodeResult | Unfinished<NodeResult> {
  const {run, agent} = work
  if (run.wait === 0) return finished(work, result, false)
  const {look} = run.kind.installed
  const ofNode = run.secret === undefined ? '' : ', and is the secret of --secret-file its own'
  const given = agent.accountSecret === undefined ? ofNode : ', and has it the secret of the account'
  return notOnline(work, result, {
    code: 'WAIT_TIMEOUT',
    say: node =>
      `${node} is registered and its agent installed, but it did not report within ${Math.round(run.wait / 1000)} s`,
    advice: hint`look at the agent on this machine: ${look}; can it reach ${agent.reportsTo}${given}?`,
  })
}

/** The script failed, as told by itself or by what it left. */
function failed(work: Work, result: Outcome, why: string): Unfinished<NodeResult> {
  const advice = hint`${work.run.kind.script.failed}.`
  return notOnline(work, result, {
    code: 'REJECTED',
    say: node => `${why}; ${node} is registered and does not report`,
    advice,
  })
}

function notOnline(
  work: Work,
  outcome: Outcome,
  {code, say, advice}: {code: 'WAIT_TIMEOUT' | 'REJECTED'; say(node: string): string; advice: Hint},
): Unfinished<NodeResult> {
  const {run, node} = work
  const known = outcome.id === null ? '' : ` (${run.kind.noun} ${outcome.id})`
  return {
    result: resultOf(work, outcome, false),
    problem: new PanelctlError(code, say(`"${node.name}"${known}`), {
      hint: hint`${advice} The secret is saved: the same command goes on from there`,
      panel: run.kind.panel.name,
    }),
  }
}
