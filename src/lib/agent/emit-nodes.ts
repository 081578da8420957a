import {PanelctlError} from '../errors.js'
import type {Unfinished} from '../outcome.js'
import type {AgentPlan, FoundNode, Namesakes, NodePlan} from './agent-kind.js'
import type {EmittedNode} from './emit/shell.js'
import {isOnPanel} from './node-result.js'
import {nodeAtWork, nodeLeftAlone, registerOnce, withNode} from './register-once.js'
import {nowadays} from './reporting.js'
import {type AgentRun, tell} from './run.js'
import {forgetNode, type SavedNode} from './saved-node.js'

export type EmitFormat = 'shell' | 'cloud-init' | 'ansible'

/** What to run on other machines. */
export interface Emitted {
  readonly emit: EmitFormat
  readonly nodes: readonly EmittedNode[]
  /** The text of the file; empty where every node is online already. */
  readonly content: string
}

async function contentOf(
  emit: EmitFormat,
  {kind}: AgentRun,
  agent: AgentPlan,
  nodes: readonly EmittedNode[],
): Promise<string> {
  if (nodes.length === 0) return ''
  switch (emit) {
    case 'shell':
      return (await import('./emit/shell.js')).emitShell(kind, agent, nodes)
    case 'cloud-init':
      return (await import('./emit/cloud-init.js')).emitCloudInit(kind, agent, nodes)
    case 'ansible':
      return (await import('./emit/ansible.js')).emitAnsible(kind, agent, nodes)
  }
}

/**
 * Registers nodes, each once, and writes what installs their agents. Their secrets stay saved until they report, so that the
 * same command prints the same again. Where some of several fail, they are the problem of the result.
 * @throws PanelctlError what the only name, or all of them, failed with
 */
export async function emitNodes(
  run: AgentRun,
  agent: AgentPlan,
  plans: readonly NodePlan[],
  emit: EmitFormat,
): Promise<Emitted | Unfinished<Emitted>> {
  const nodes: EmittedNode[] = []
  const problems: PanelctlError[] = []
  for (const plan of plans) {
    try {
      const node = await claim(run, plan)
      if (node) nodes.push(node)
    } catch (error) {
      if (!(error instanceof PanelctlError)) throw error
      problems.push(error)
    }
  }
  const [first, ...others] = problems
  if (first && problems.length === plans.length) throw first
  const {accountSecret} = agent
  const told = nodes.map(node =>
    accountSecret === undefined ? node : {...node, secret: accountSecret, uuid: node.secret},
  )
  const result = {emit, nodes: told, content: await contentOf(emit, run, agent, nodes)}
  tell(
    run,
    'result',
    nodes.length === 0
      ? 'nothing is left to install'
      : `${emit} for ${nodes.map(({name}) => `"${name}"`).join(', ')}`,
  )
  if (!first) return result
  const hint = others.length === 0 ? first.hint : undefined
  return {
    result,
    problem: new PanelctlError('PARTIAL', problems.map(({message}) => message).join('; '), {
      hint,
      panel: run.kind.panel.name,
    }),
  }
}

/** The node that is online, and needs nothing; with a word on it. */
export function leftOut(
  run: AgentRun,
  {name}: NodePlan,
  found: Namesakes,
  saved?: SavedNode,
): FoundNode | undefined {
  if (run.ifExists !== 'resume') return undefined
  const reporting =
    saved?.secret === undefined
      ? found.nodes.find(candidate => nowadays(found.nodes)(candidate, found.date))
      : nodeAtWork(saved, found)
  if (reporting) run.note(`"${name}" is online already (${run.kind.noun} ${reporting.id}): left out`)
  return reporting
}

/** The node with its secret; undefined where nothing is to be installed. */
function claim(run: AgentRun, node: NodePlan): Promise<EmittedNode | undefined> {
  return withNode(run, node, async (held, found, saved) => {
    const {name, tag} = held.node
    if (nodeLeftAlone(run, held.node, found, saved)) return undefined
    const reporting = leftOut(run, node, found, saved)
    if (reporting) {
      await run.kind.arrange?.(run.client, reporting.id, node)
      await forgetNode(held)
      return undefined
    }
    const registered = await registerOnce(held, found, saved)
    const {id, secret} = registered.saved
    return {name, id: id ?? null, tag, registered: registered.now && isOnPanel(run, id), secret}
  })
}
