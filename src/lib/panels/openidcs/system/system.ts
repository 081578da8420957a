import {usageError} from '../../../errors.js'
import type {Api, Client} from '../../../http/client.js'
import type {ResultOf} from '../../../http/endpoint.js'
import {compareNatural} from '../../../output/natural.js'
import {listEngines, listLogs, listTasks} from '../endpoints.js'
import {readHost} from '../host/hosts.js'
import type {Engine, LogEntry, Task} from '../schemas.js'
import {unlessVersion} from '../versions.js'

/** More than any panel keeps. */
const EVERYTHING = 2_147_483_647

/** The panel's limit where nothing is said. */
const DEFAULT_LIMIT = 100

/** What newer versions say of an engine is a list, where the seed's server has one text (contracts/openidcs.md 2.1 no. 7). */
function messageOf({message, messages}: Engine): unknown {
  if (message !== null || !Array.isArray(messages)) return message
  return messages.filter(one => typeof one === 'string').join('\n')
}

type Engines = ResultOf<typeof listEngines>

function isNested(answer: Engines): answer is Extract<Engines, {engine_types: unknown}> {
  return 'engine_types' in answer
}

export type NamedEngine = Engine & {readonly name: string}

/** The kinds of hosts by name: an object on the seed's server, inside of another since 2025-12-25 (2.1 no. 7). */
export async function readEngines(api: Api): Promise<NamedEngine[]> {
  const answer = await api(listEngines, {})
  return Object.entries(isNested(answer) ? answer.engine_types : answer)
    .map(([name, engine]) => ({...engine, name, message: messageOf(engine)}))
    .toSorted((one, other) => compareNatural(one.name, other.name))
}

/** An unknown host has no records like any other that has none (2.1 no. 8 and 9): one look tells them apart. */
async function refuseUnknown(api: Api, host: string | undefined, found: readonly unknown[]): Promise<void> {
  if (host !== undefined && found.length === 0) await readHost(api, host)
}

export interface LogsWanted {
  readonly host: string | undefined
  /** The oldest so many, which is what the panel can do. */
  readonly limit: number | undefined
  /** The newest so many, found here. */
  readonly tail: number | undefined
}

/**
 * The log, the oldest first.
 * @throws PanelctlError NOT_FOUND for an unknown host, REJECTED where this version cannot
 */
export async function readLogs(
  client: Client,
  {host, limit, tail}: LogsWanted,
  note: (text: string) => void,
): Promise<LogEntry[]> {
  if (limit !== undefined && tail !== undefined)
    throw usageError('--limit keeps the oldest and --tail the newest', 'give one of them')
  // The panel cuts off the newest (trap 17), so that the last ones are only among all.
  const query = {hs_name: host, limit: tail === undefined ? limit : EVERYTHING}
  const logs = await unlessVersion(client, 'logs', () => client.call(listLogs, {query}))
  await refuseUnknown(client.call, host, logs)
  if (query.limit === undefined && logs.length >= DEFAULT_LIMIT)
    note(`these are the oldest ${DEFAULT_LIMIT}; --tail ${DEFAULT_LIMIT} shows the newest`)
  return tail === undefined ? logs : logs.slice(-tail)
}

/** When it was written down: the panel gives UTC without saying so (trap 17). Null for what is no time. */
export function writtenAt({timestamp}: LogEntry): Date | null {
  if (typeof timestamp !== 'string' || !/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(timestamp)) return null
  return new Date(`${timestamp.replace(' ', 'T')}Z`)
}

/**
 * The tasks of a host.
 * @throws PanelctlError NOT_FOUND for an unknown host, REJECTED where this version cannot
 */
export async function readTasks(client: Client, host: string, limit: number | undefined): Promise<Task[]> {
  const query = {hs_name: host, limit}
  const tasks = await unlessVersion(client, 'tasks', () => client.call(listTasks, {query}))
  await refuseUnknown(client.call, host, tasks)
  return tasks
}
