import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import {PanelctlError, reworded} from '../errors.js'
import {hint} from '../hint.js'
import type {Unfinished} from '../outcome.js'
import type {AgentPlan, Namesakes, NodePlan} from './agent-kind.js'
import {commandLine, withoutSecret} from './command-line.js'
import {findAgent} from './installed.js'
import {processStart} from './machine.js'
import {failed, finished, idOf, isOnPanel, type NodeResult, online, silent, type Work} from './node-result.js'
import {acceptInstalled, finishInstalled, isOurs, startService} from './present-agent.js'
import {nodeLeftAlone, ownNodes, type RegisteredNode, registerOnce, withNode} from './register-once.js'
import {after, awaitReport, nowadays} from './reporting.js'
import {type AgentRun, tell} from './run.js'
import {downloadScript, refuseForeignScript, removeScript, runScript, writeScript} from './run-script.js'
import {type SavedNode, saveNode} from './saved-node.js'
import {makeWorkFolder} from './work-folder.js'

/** Has this machine registered, with its agent installed, and reporting; whatever an earlier run had left. */
export function installNode(
  run: AgentRun,
  agent: AgentPlan,
  node: NodePlan,
): Promise<NodeResult | Unfinished<NodeResult>> {
  return withNode(run, node, (held, found, saved) => installHeld({...held, agent}, found, saved))
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
  const present = nodeLeftAlone(run, work.node, found, before)
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

/** What fails from here on leaves a node whose secret is saved, and the hint says how to go on. */
async function goOnFrom<T>({run, node}: Work, {saved}: RegisteredNode, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof PanelctlError)) throw error
    const known = saved.id === undefined ? '' : ` as ${run.kind.noun} ${saved.id}`
    const left = isOnPanel(run, saved.id)
      ? `"${node.name}" is registered${known} and its secret`
      : `the ${run.kind.appears} of "${node.name}"`
    const goOn = `${left} is saved: the same command goes on from there`
    throw reworded(error, {hint: error.hint === undefined ? goOn : hint`${error.hint}; ${goOn}`})
  }
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
  // What appears by itself comes with the agent of this run, whichever has saved its secret.
  const registered = run.kind.appears === undefined ? now : id === null
  const so = {id, registered, installed: false, arranged}
  if (exitCode !== 0) return failed(work, so, `the install script ended with exit code ${exitCode}`)
  // Exit 0 and the words of success mean nothing (contracts/nezha.md 2.1, trap 23; komari.md 7).
  const installed = await findAgent(run.kind, run.machine, agent.workdir)
  if (installed) await startService(work, installed)
  const unfit = installed?.unfit
  const patience = unfit === undefined ? run.wait : 0
  if (patience > 0) tell(run, 'verify', `waiting up to ${Math.round(run.wait / 1000)} s for its first report`)
  const reporting = await awaitReport(run, node, {
    among: nodes => ownNodes(saved, nodes),
    since: after(before),
    secret,
    patience,
  })
  if (reporting.length > 0) return online(work, reporting, secret, {...so, installed: true})
  if (unfit !== undefined) return failed(work, so, `the install script said success, and ${unfit}`)
  if (!installed) return failed(work, so, 'the install script said success and left no agent')
  return silent(work, {...so, installed: true})
}
