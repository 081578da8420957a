import {PanelctlError} from '../errors.js'
import {type Hint, hint} from '../hint.js'
import type {Unfinished} from '../outcome.js'
import type {AgentPlan, FoundNode, NodeId} from './agent-kind.js'
import type {HeldNode} from './register-once.js'
import {type AgentRun, tell} from './run.js'
import {forgetNode, hashOfSecret, keepReported} from './saved-node.js'

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

/** A node that is held, and the agent that is to be its. */
export interface Work extends HeldNode {
  readonly agent: AgentPlan
}

/** The id of a node, where it can be told. */
export function idOf([first, ...others]: readonly FoundNode[]): NodeId | null {
  return first && others.length === 0 ? first.id : null
}

/** It reports: nothing has to be remembered any more. */
export async function online(
  work: Work,
  own: readonly FoundNode[],
  secret: string | undefined,
  {arranged = false, ...done}: Omit<NodeOutcome, 'id'>,
): Promise<NodeResult> {
  const {run, plan} = work
  const id = idOf(own)
  const now = id !== null && (await run.kind.arrange?.(run.client, id, plan))
  if (secret !== undefined && id !== null) {
    await keepReported(work, {id, secretSha256: hashOfSecret(secret)})
  }
  await forgetNode(work)
  return finished(work, {...done, id, arranged: arranged || now === true}, true)
}

/** Whether the panel has it: of some kinds only once its agent has reported. */
export function isOnPanel({kind}: AgentRun, id: NodeId | null | undefined): boolean {
  return kind.appears === undefined || (id ?? null) !== null
}

export function finished(work: Work, outcome: NodeOutcome, isOnline: boolean): NodeResult {
  const {run, node} = work
  const known = outcome.id === null ? '' : ` as ${run.kind.noun} ${outcome.id}`
  const there = isOnPanel(run, outcome.id) ? 'is registered' : 'appears on the panel with its first report'
  tell(run, 'result', `"${node.name}" ${isOnline ? 'is online' : there}${known}`)
  return resultOf(work, outcome, isOnline)
}

/** What this run has done so far. */
export interface NodeOutcome extends Pick<NodeResult, 'id' | 'registered' | 'installed'> {
  readonly arranged?: boolean
}

function resultOf(
  {run, node: {name, tag}}: Work,
  {arranged, ...outcome}: NodeOutcome,
  online: boolean,
): NodeResult {
  const {id, installed} = outcome
  const registered = outcome.registered && isOnPanel(run, id)
  const changed = registered || installed || arranged === true
  return {name, id, tag, registered, installed, online, changed}
}

/** Its agent is here, and does not report: a problem for who waits. */
export function silent(work: Work, result: NodeOutcome): NodeResult | Unfinished<NodeResult> {
  const {run, agent} = work
  if (run.wait === 0) return finished(work, result, false)
  const {look} = run.kind.installed
  const ofNode = run.secret === undefined ? '' : ', and is the secret of --secret-file its own'
  const given = agent.accountSecret === undefined ? ofNode : ', and has it the secret of the account'
  return notOnline(work, result, {
    code: 'WAIT_TIMEOUT',
    say: node => {
      const what = isOnPanel(run, result.id)
        ? `${node} is registered and its agent installed`
        : `the agent of ${node} is installed`
      return `${what}, but it did not report within ${Math.round(run.wait / 1000)} s`
    },
    advice: hint`look at the agent on this machine: ${look}; can it reach ${agent.reportsTo}${given}?`,
  })
}

/** The script failed, as told by itself or by what it left. */
export function failed(work: Work, result: NodeOutcome, why: string): Unfinished<NodeResult> {
  const advice = hint`${work.run.kind.script.failed}.`
  return notOnline(work, result, {
    code: 'REJECTED',
    say: node =>
      isOnPanel(work.run, result.id)
        ? `${why}; ${node} is registered and does not report`
        : `${why}; the panel has no ${node} yet`,
    advice,
  })
}

function notOnline(
  work: Work,
  outcome: NodeOutcome,
  {code, say, advice}: {code: 'WAIT_TIMEOUT' | 'REJECTED'; say(node: string): string; advice: Hint},
): Unfinished<NodeResult> {
  const {run, node} = work
  const known = outcome.id === null ? '' : ` (${run.kind.noun} ${outcome.id})`
  return {
    result: resultOf(work, outcome, false),
    problem: new PanelctlError(code, say(`"${node.name}"${known}`), {
      hint: hint`${advice} Its ${run.kind.appears ?? 'secret'} is saved: the same command goes on from there`,
      panel: run.kind.panel.name,
    }),
  }
}
