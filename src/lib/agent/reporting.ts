import {setTimeout as pause} from 'node:timers/promises'
import type {FoundNode, Namesakes, NodePlan} from './agent-kind.js'
import type {AgentRun} from './run.js'

/** Whether a node has reported since some moment, and `now` is the panel's clock. */
export type Since = (node: FoundNode, now: Date | undefined) => boolean

/** Agents report every few seconds; a few more are for clocks that are cut to seconds, and for a busy panel. */
const stillReporting = 15

/** Reports that came after this look at the panel. Its `Date` has no say in it: it may be that of a proxy whose clock is wrong. */
export function after({nodes}: Namesakes): Since {
  const seen = new Map(nodes.map(({id, lastReport}) => [id, lastReport]))
  return ({id, lastReport}) =>
    lastReport !== undefined && lastReport > (seen.get(id) ?? Number.NEGATIVE_INFINITY)
}

/** Reports that arrive now: a moment ago by the panel's `Date`, whatever is ahead of it, or newer than at the first look. */
export function nowadays(nodes: readonly FoundNode[]): Since {
  const isNewer = after({nodes, date: undefined})
  return (node, now) =>
    (now !== undefined && Math.abs(now.getTime() / 1000 - (node.lastReport ?? 0)) <= stillReporting) ||
    isNewer(node, now)
}

/**
 * Looks until these nodes report, each of them: where several may be meant, the one that is shall not be missing. The
 * first look is at once. A look that fails is repeated while there is time.
 * @returns the nodes, or none when `patience` milliseconds are over
 */
export async function awaitReport(
  run: AgentRun,
  node: NodePlan,
  {
    among,
    since,
    patience,
    secret,
  }: {
    among(nodes: readonly FoundNode[], now: Date | undefined): readonly FoundNode[]
    since: Since
    patience: number
    /** As for `namesakes`. */
    secret: string | undefined
  },
): Promise<readonly FoundNode[]> {
  const {pollEvery} = run.machine
  const deadline = performance.now() + patience
  for (;;) {
    const {nodes, date} = await run.kind.namesakes(run.client, node, secret)
    const meant = among(nodes, date)
    const found = meant.every(candidate => since(candidate, date)) ? meant : []
    const left = deadline - performance.now()
    if (found.length > 0 || left <= 0) return found
    await pause(Math.min(pollEvery, left), undefined, {signal: run.signal}).catch(() =>
      run.signal.throwIfAborted(),
    )
  }
}
