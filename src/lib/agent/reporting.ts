import {setTimeout as pause} from 'node:timers/promises'
import {listServers} from '../panels/nezha/endpoints.js'
import {NEVER, type Server} from '../panels/nezha/schemas.js'
import {byId} from '../panels/nezha/servers.js'
import type {NodePlan} from './plan.js'
import type {AgentRun} from './run.js'

/** The servers of a name and tag, by id, and the panel's clock when it listed them. */
export interface Namesakes {
  readonly servers: readonly Server[]
  readonly date: Date | undefined
}

/** Names are not unique, and the panel tells no id of what was registered (contracts/nezha.md 1.6). */
export async function namesakes({client}: AgentRun, {name, tag}: NodePlan): Promise<Namesakes> {
  const {result, date} = await client.ask(listServers, {query: {tag}})
  // Some forks and a dropped filter (trap 33) give other tags as well.
  return {servers: byId(result).filter(server => server.name === name && server.tag === tag), date}
}

/** Whether a server has reported since this moment, and by which of its reports. */
export type Since = (server: Server, now: Date | undefined) => boolean

/** Agents report every 1 to 4 s (1.3); a few more are for clocks that are cut to seconds, and for a busy panel. */
const stillReporting = 15

/** Reports that arrive now: a moment ago by the panel's clock, or, where it tells none, newer than at the first look. */
export function nowadays(first: readonly Server[]): Since {
  const seen = new Map(first.map(({id, last_active}) => [id, last_active]))
  return ({id, last_active}, now) =>
    last_active > NEVER &&
    (now ? now.getTime() / 1000 - last_active <= stillReporting : last_active > (seen.get(id) ?? NEVER))
}

/**
 * Reports that came after this look at the panel: `last_active` has advanced, and to a time not before it by the panel's
 * clock. The host is there earlier and says nothing (contracts/nezha.md 1.3, trap 38).
 */
export function after({servers, date}: Namesakes): Since {
  const seen = new Map(servers.map(({id, last_active}) => [id, last_active]))
  const from = date ? Math.floor(date.getTime() / 1000) : NEVER
  return ({id, last_active}) => last_active > (seen.get(id) ?? NEVER) && last_active >= from
}

/**
 * Looks until one of these servers reports; the first look is at once. A look that fails is repeated while there is time.
 * @returns the server, or undefined when `patience` milliseconds are over
 */
export async function awaitReport(
  run: AgentRun,
  node: NodePlan,
  {among, since, patience}: {among(server: Server): boolean; since: Since; patience: number},
): Promise<Server | undefined> {
  const {pollEvery} = run.machine
  const deadline = performance.now() + patience
  for (;;) {
    const {servers, date} = await namesakes(run, node)
    const found = servers.find(server => among(server) && since(server, date))
    const left = deadline - performance.now()
    if (found || left <= 0) return found
    await pause(Math.min(pollEvery, left), undefined, {signal: run.signal}).catch(() =>
      run.signal.throwIfAborted(),
    )
  }
}
